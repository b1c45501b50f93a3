// A click anywhere in a row opens it; a middle click opens it in a new tab. Selecting text does not.
for (const table of document.querySelectorAll('[data-rows]')) {
  const address = event => {
    const row = event.target.closest('tr[data-href]');
    const isOwn = event.target.closest('a, button, input, label, select, textarea, .c-tick, .c-acts');
    return row && !isOwn ? row.dataset.href : null;
  };
  const open = event => {
    const href = address(event);
    if (!href || String(getSelection())) return;
    if (event.button === 1 || event.ctrlKey || event.metaKey) window.open(href, '_blank', 'noopener');
    else location.assign(href);
  };
  table.addEventListener('click', open);
  table.addEventListener('auxclick', event => { if (event.button === 1) open(event); });
  // Without this a middle click would start to scroll the table instead.
  table.addEventListener('mousedown', event => { if (event.button === 1 && address(event)) event.preventDefault(); });
}
