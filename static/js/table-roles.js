// Rows drawn as blocks lose their meaning, in some tables on a phone only: this gives it back, and cells their headings.
const phone = matchMedia('(max-width: 575.98px)');
const roles = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row', th: 'columnheader', td: 'cell' };
for (const cell of document.querySelectorAll('[data-table-labels] td:not(.c-tick)')) {
  cell.dataset.label = cell.closest('table').tHead.rows[0].cells[cell.cellIndex].querySelector('span').textContent;
}
for (const table of document.querySelectorAll('[data-table-roles]')) {
  const parts = [table, ...table.querySelectorAll('thead, tbody, tr, th, td')];
  const show = () => parts.forEach(part => {
    if (table.dataset.tableRoles === 'always' || phone.matches) part.setAttribute('role', roles[part.localName]);
    else part.removeAttribute('role');
  });
  phone.addEventListener('change', show);
  show();
}
