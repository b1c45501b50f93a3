// Keys for who works without the mouse. The dialog that lists them turns those of a single character off.
const shortcuts = document.querySelector('[data-shortcuts]'), goTo = document.querySelector('[data-go-to-order]');
const areOn = shortcuts?.querySelector('input');
const PAUSE = 1000;
let before = { key: '', at: 0 };

const focusRow = step => {
  const rows = [...document.querySelectorAll('[data-rows] tbody tr')];
  const here = rows.indexOf(document.activeElement.closest('tr'));
  const row = here < 0 ? rows.at(step < 0 ? -1 : 0) : rows[here + step];
  row?.querySelector('td a[href]')?.focus();
};
const keys = {
  '/': () => [...document.querySelectorAll('main [type=search]')].find(field => field.checkVisibility())?.select(),
  '?': () => shortcuts.showModal(),
  j: () => focusRow(1),
  k: () => focusRow(-1),
  x: () => document.activeElement.closest('[data-rows] tr')?.querySelector('[type=checkbox]')?.click(),
  'g o': () => { if (goTo) location.assign(goTo.dataset.goToOrder); },
};
const takesText = element => element.matches('input:not([type=checkbox]), textarea, select, [contenteditable], [role=combobox]');

document.addEventListener('keydown', event => {
  const isOver = document.querySelector('dialog[open], .offcanvas.show, .dropdown-menu.show');
  if (isOver || event.defaultPrevented || event.isComposing || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() !== 'k' || event.shiftKey || !goTo) return;
    event.preventDefault();
    goTo.showModal();
    goTo.querySelector('input').select();
    return;
  }
  if (!areOn?.checked || takesText(event.target)) return;
  const run = keys[event.timeStamp - before.at < PAUSE ? `${before.key} ${event.key}` : ''] ?? keys[event.key];
  before = { key: event.key, at: event.timeStamp };
  if (!run) return;
  event.preventDefault();
  run();
});

if (areOn) {
  areOn.checked = localStorage.getItem('shortcuts') !== 'off';
  areOn.addEventListener('change', () => localStorage.setItem('shortcuts', areOn.checked ? 'on' : 'off'));
}
const showMissing = isMissing => {
  const field = goTo.querySelector('input'), told = goTo.querySelector('[data-missing]');
  field.classList.toggle('is-invalid', isMissing);
  field.setAttribute('aria-invalid', String(isMissing));
  told.textContent = isMissing ? told.dataset.missing : '';
};
goTo?.addEventListener('input', () => showMissing(false));
goTo?.addEventListener('submit', async event => {
  event.preventDefault();
  const field = goTo.querySelector('input'), number = field.value.replace(/^[\s#]+|\s+$/g, '');
  const address = `${goTo.dataset.goToOrder}${number}/`;
  const answer = /^\d+$/.test(number) ? await fetch(address, { method: 'HEAD', headers: { 'X-Part': 'none' } }).catch(() => null) : { status: 404 };
  if (answer?.status !== 404) return location.assign(address);
  showMissing(true);
  field.select();
});
