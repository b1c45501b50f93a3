// Moves rows by dragging their handle or by their arrows, saves each new order, and tells what became of it.
for (const table of document.querySelectorAll('[data-reorder]')) {
  const body = table.tBodies[0], failed = document.querySelector('[data-reorder-failed]');
  const why = failed.querySelector('span'), otherwise = why.textContent, said = document.querySelector('[data-reorder-said]');
  let saved = [...body.rows], saving = Promise.resolve();

  const send = async (rows, moved) => {
    const ids = rows.map(row => row.dataset.rowId).join();
    let positions, refusal = otherwise;
    try {
      const sent = new URLSearchParams({ ids, csrf_token: table.dataset.csrfToken });
      const answer = await fetch(table.dataset.reorder, { method: 'POST', body: sent });
      if (answer.ok) positions = await answer.json();
      else if (answer.status === 409) refusal = await answer.text();
    } catch { positions = undefined; }
    failed.hidden = Boolean(positions);
    if (!positions) { why.textContent = refusal; body.replaceChildren(...saved); return; }
    saved = rows;
    for (const row of rows) {
      const cell = row.querySelector('.col-position');
      cell.textContent = cell.title = positions[row.dataset.rowId];
    }
    const name = moved.querySelector('a').textContent.trim();
    said.textContent = said.dataset.moved.replace('{place}', rows.indexOf(moved) + 1).replace('{name}', () => name);
  };
  // One after the other: the last order is the one that stays.
  const save = moved => { const rows = [...body.rows]; saving = saving.then(() => send(rows, moved)); };

  new window.Sortable(body, { handle: '[data-grip]', animation: 150, onUpdate: event => save(event.item) });
  body.addEventListener('click', event => {
    const button = event.target.closest('[data-move]');
    if (!button) return;
    const row = button.closest('tr'), isUp = Number(button.dataset.move) < 0;
    const other = isUp ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (isUp) other.before(row); else other.after(row);
    button.focus();
    save(row);
  });
}
