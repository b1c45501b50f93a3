// Sets the chosen theme before anything is drawn, and keeps the choice made in the person menu. Paper is always light.
(() => {
  const root = document.documentElement, dark = matchMedia('(prefers-color-scheme: dark)');
  root.classList.add('scripted');
  const chosen = () => localStorage.getItem('theme') || 'system';
  const show = () => {
    const theme = chosen();
    root.dataset.bsTheme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
    document.querySelectorAll('[data-theme-choice]').forEach(button => {
      button.setAttribute('aria-pressed', String(button.dataset.themeChoice === theme));
    });
  };
  show();
  dark.addEventListener('change', show);
  document.addEventListener('DOMContentLoaded', show);
  addEventListener('beforeprint', () => { root.dataset.bsTheme = 'light'; });
  addEventListener('afterprint', show);
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-theme-choice]');
    if (!button) return;
    localStorage.setItem('theme', button.dataset.themeChoice);
    show();
  });
})();
