// On a phone rows are drawn as blocks, which takes their meaning away: this gives it back.
const phone = matchMedia('(max-width: 575.98px)');
const roles = { table: 'table', tbody: 'rowgroup', tr: 'row', td: 'cell' };
for (const table of document.querySelectorAll('[data-table-roles]')) {
  const parts = [table, ...table.querySelectorAll('tbody, tbody tr, tbody td')];
  const show = () => parts.forEach(part => {
    if (phone.matches) part.setAttribute('role', roles[part.localName]);
    else part.removeAttribute('role');
  });
  phone.addEventListener('change', show);
  show();
}
