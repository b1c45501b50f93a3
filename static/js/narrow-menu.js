// Keeps the menu narrow or wide as chosen; without a choice the window's width decides.
(() => {
  const root = document.documentElement, small = matchMedia('(max-width: 1279.98px)');
  const isNarrow = () => root.dataset.menu ? root.dataset.menu === 'narrow' : small.matches;
  const kept = localStorage.getItem('menu');
  if (kept) root.dataset.menu = kept;
  const show = () => document.querySelectorAll('[data-narrow-menu]').forEach(button => {
    button.setAttribute('aria-pressed', String(isNarrow()));
  });
  document.addEventListener('DOMContentLoaded', show);
  small.addEventListener('change', show);
  document.addEventListener('click', event => {
    if (!event.target.closest('[data-narrow-menu]')) return;
    root.dataset.menu = isNarrow() ? 'wide' : 'narrow';
    localStorage.setItem('menu', root.dataset.menu);
    show();
  });
})();
