// Below the company of an order stands where the search found the order, if no cell of its row shows that.
for (const table of document.querySelectorAll('[data-search-matches]')) {
  const rows = new Map([...table.querySelectorAll('tbody tr')].map(row => [row.querySelector('[name="rowid"]').value, row]));
  const address = new URL(table.dataset.searchMatches, location);
  address.search = location.search;
  address.searchParams.set('orders', [...rows.keys()]);

  const told = ([field, text]) => {
    const note = document.createElement('span');
    note.className = 'search-match';
    note.textContent = note.title = `${field}: ${text}`;
    return note;
  };
  const answer = await fetch(address).catch(() => null);
  const found = answer?.ok && !answer.redirected ? await answer.json() : {};
  for (const [number, matches] of Object.entries(found)) {
    const row = rows.get(number), shown = row.innerText;
    (row.querySelector('.c-co') ?? row.cells[1]).append(...matches.filter(([, text]) => !shown.includes(text)).map(told));
  }
}
