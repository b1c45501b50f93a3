// Who comes back to the list is told how many of its rows are different by now: the list is asked for again, and compared.
const PAUSE = 10_000;
const rows = page => new Map([...page.querySelectorAll('[data-rows] tbody tr')].map(row => [row.dataset.href, row.textContent]));

for (const note of document.querySelectorAll('[data-list-changed]')) {
  const shown = rows(document), { one, many } = note.dataset;
  let asked = 0;
  const compare = async () => {
    if (document.hidden || Date.now() - asked < PAUSE) return;
    asked = Date.now();
    const answer = await fetch(location.href, { headers: { 'X-Part': 'rows' } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const now = rows(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    const other = [...now].filter(([href, text]) => shown.get(href) !== text), gone = [...shown.keys()].filter(href => !now.has(href));
    const count = Math.max(other.length, gone.length);
    note.hidden = count === 0;
    note.firstElementChild.textContent = count === 1 ? one : many.replace('{n}', count);
  };
  addEventListener('focus', compare);
  document.addEventListener('visibilitychange', compare);
}
