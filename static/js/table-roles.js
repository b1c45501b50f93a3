// Rows drawn as blocks lose their meaning, in some tables on a phone only: this gives it back.
const phone = matchMedia('(max-width: 575.98px)');
const roles = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row', th: 'columnheader', td: 'cell' };
for (const table of document.querySelectorAll('[data-table-roles]')) {
  const parts = [table, ...table.querySelectorAll('thead, tbody, tr, th, td')];
  const show = () => parts.forEach(part => {
    if (table.dataset.tableRoles === 'always' || phone.matches) part.setAttribute('role', roles[part.localName]);
    else part.removeAttribute('role');
  });
  phone.addEventListener('change', show);
  show();
}
