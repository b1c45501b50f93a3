// The Export button and its dialog: takes ticked orders along, and tells exactly how many rows there will be.
const language = document.documentElement.lang;
const inWords = (text, number) => text.replace('{n}', number.toLocaleString(language));
let ticked = { count: 0, here: 0, values: {} };
const exportNow = document.querySelector('[data-export-now]'), label = exportNow?.querySelector('span');
const plain = { title: exportNow?.title, label: label?.textContent };
document.addEventListener('selection-changed', event => {
  ticked = event.detail;
  if (!exportNow) return;
  exportNow.title = ticked.count ? inWords(exportNow.dataset.exportTickedTitle, ticked.count) : plain.title;
  label.textContent = ticked.count ? inWords(label.dataset.exportNowTicked, ticked.count) : plain.label;
});

const asJson = { headers: { Accept: 'application/json' } };
const answered = async answer => {
  if (!answer.ok || answer.redirected) throw new Error(answer.redirected ? 401 : answer.status);
  return answer.json();
};
// Keeps the ticked orders on the server and gives the number of that selection.
const freeze = async () => {
  const form = document.querySelector('[data-selection]');
  const body = new URLSearchParams({ action: 'export', csrf_token: form.elements.csrf_token.value, ...ticked.values });
  return (await answered(await fetch(form.getAttribute('action'), { method: 'POST', body, ...asJson }))).id;
};
// Lets the form ask for another file than the one that it asked for already.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
const withSelection = (address, number) => `${address}${address.includes('?') ? '&' : '?'}selection=${number}`;

const bind = form => {
  const find = name => form.querySelector(`[data-export-${name}]`), all = name => [...form.querySelectorAll(`[data-export-${name}]`)];
  const radios = name => [...form.querySelectorAll(`input[type=radio][name=${name}]`)];
  const value = name => radios(name).find(radio => radio.checked)?.value;
  const status = find('count'), go = find('go'), background = find('background'), tooMany = find('too-many');
  const counts = { all: form.dataset.orders ? { orders: Number(form.dataset.orders), lines: Number(form.dataset.lines) } : null, ticked: null };
  let wantsBackground = false;

  const update = () => {
    const xlsx = radios('format').find(radio => radio.value === 'xlsx');
    const count = (counts[value('which') ?? 'all'])?.[value('rows')], isKnown = count !== undefined;
    const isTooMany = isKnown && count > Number(form.dataset.most);
    tooMany.hidden = !isTooMany;
    xlsx.disabled = isTooMany;
    if (isTooMany && xlsx.checked) radios('format').find(radio => radio.value === 'csv').checked = true;
    const isXlsx = xlsx.checked, isLong = isXlsx && isKnown && count > Number(form.dataset.streamed);
    background.disabled = isLong;
    background.checked = isLong || wantsBackground;
    form.elements.form.disabled = isXlsx;
    const note = isXlsx ? 'xlsx' : form.elements.form.value;
    for (const text of all('note')) text.hidden = text.dataset.exportNote !== note;
    for (const text of all('columns')) text.hidden = text.dataset.exportColumns !== value('rows');
    go.textContent = background.checked ? go.dataset.background : go.dataset[value('format')];
    go.parentElement.disabled = value('which') === 'ticked' && counts.ticked === null;
    if (!isKnown) status.textContent = status.dataset.exportCounting;
    else status.textContent = count === 1 ? status.dataset.exportOne : inWords(status.dataset.exportCount, count);
    if (find('all') && counts.all) find('all').textContent = inWords(find('all').dataset.exportAll, counts.all.orders);
  };
  const count = async (which, address) => {
    counts[which] = await answered(await fetch(address, asJson));
    update();
  };
  const failed = ({ message }) => { status.textContent = document.querySelector(`[data-selection-${message === '401' ? 'ended' : 'failed'}]`).textContent; };
  const open = () => {
    const [everything, chosen] = radios('which'), text = find('ticked');
    Object.assign(counts, { all: null, ticked: null });
    form.elements.key.value = newKey();
    chosen.disabled = ticked.count === 0;
    (ticked.count ? chosen : everything).checked = true;
    const { exportNone, exportTicked, exportTickedAway } = text.dataset;
    text.textContent = ticked.count ? inWords(ticked.here === ticked.count ? exportTicked : exportTickedAway, ticked.count).replace('{here}', ticked.here) : exportNone;
    update();
    count('all', form.dataset.countUrl).catch(failed);
    if (ticked.count) freeze().then(number => {
      find('selection').value = number;
      return count('ticked', withSelection(form.dataset.countUrl, number));
    }).catch(failed);
  };

  form.addEventListener('change', event => {
    if (event.target === background) wantsBackground = background.checked;
    update();
  });
  // The button beside the dialog downloads what was chosen last.
  form.addEventListener('submit', () => {
    if (!exportNow) return;
    const address = new URL(exportNow.href);
    address.searchParams.set('rows', value('rows'));
    address.searchParams.set('form', form.elements.form.value);
    exportNow.href = address;
  });
  if (counts.all) update();
  return open;
};

const opens = new Map([...document.querySelectorAll('[data-export-form]')].map(form => [form.closest('dialog'), bind(form)]));
const dialog = document.querySelector('[data-export-dialog]');

document.querySelector('[data-export-open]')?.addEventListener('click', event => {
  event.preventDefault();
  opens.get(dialog)();
  dialog.showModal();
});
exportNow?.addEventListener('click', event => {
  const { href } = event.currentTarget;
  if (ticked.count === 0) return;
  event.preventDefault();
  freeze().then(number => { location.assign(withSelection(href, number)); }, ({ message }) => { document.dispatchEvent(new CustomEvent('selection-failed', { detail: Number(message) })); });
});
// A download leaves the page as it is, so the dialog has done its work.
dialog?.addEventListener('submit', () => setTimeout(() => dialog.close()));
