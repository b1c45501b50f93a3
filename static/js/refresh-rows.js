// Follows the link `data-refresh-rows` every few seconds by itself, as long as a row of the list is marked with `data-open`.
const EVERY = 3000;

for (const link of document.querySelectorAll('[data-refresh-rows]')) {
  const rows = page => page.querySelector('[data-rows] tbody');
  const isInUse = () => document.hidden || document.querySelector('dialog[open]') || rows(document).contains(document.activeElement);

  const refresh = async () => {
    const answer = isInUse() ? null : await fetch(link.href, { headers: { 'X-Part': 'rows' } }).catch(() => null);
    if (answer?.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (!rows(page)) return; // signed out, or nothing is left here
      if (!isInUse()) rows(document).replaceChildren(...rows(page).children);
    }
    watch();
  };
  const watch = () => { if (rows(document)?.querySelector('[data-open]')) setTimeout(refresh, EVERY); };
  watch();
}
