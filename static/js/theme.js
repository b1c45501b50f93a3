// Sets the chosen theme before anything is drawn. Who is signed in has it in every browser; paper is always light.
(() => {
  const root = document.documentElement, dark = matchMedia('(prefers-color-scheme: dark)');
  root.classList.add('scripted');
  // Kept here as well, for the page to sign in.
  if (root.dataset.theme) localStorage.setItem('theme', root.dataset.theme);
  const chosen = () => root.dataset.theme || localStorage.getItem('theme') || 'system';
  const show = () => {
    const theme = chosen();
    root.dataset.bsTheme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
    document.querySelectorAll('[data-theme-choice]').forEach(button => {
      button.setAttribute('aria-pressed', String(button.dataset.themeChoice === theme));
    });
  };
  const keep = theme => {
    root.dataset.theme = theme;
    localStorage.setItem('theme', theme);
    const body = new URLSearchParams({ theme: theme === 'system' ? '' : theme, csrf_token: root.dataset.csrfToken });
    fetch(root.dataset.themeUrl, { method: 'POST', keepalive: true, body });
  };
  show();
  dark.addEventListener('change', show);
  document.addEventListener('DOMContentLoaded', show);
  addEventListener('beforeprint', () => { root.dataset.bsTheme = 'light'; });
  addEventListener('afterprint', show);
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-theme-choice]');
    if (!button) return;
    keep(button.dataset.themeChoice);
    show();
  });
})();
