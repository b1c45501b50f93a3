// The order editor in the background: what is typed or pressed is sent, and what changes by it is exchanged in place.
const WAITS = 400, TRIES_AGAIN = [2000, 5000, 10000, 20000];
const form = document.getElementById('editor'), trouble = document.querySelector('[data-editor-trouble]');
const table = () => form.querySelector('.edit-lines');
let timer, flight = null, failed = 0, opener = '', isStale = false, typing = null;

const valueOf = field => field.matches('[type=checkbox], [type=radio]') ? field.checked : field.value;
const owner = node => node.closest('select') ?? node;

// A field that was typed into since the form was sent, or that somebody is typing into, keeps what it says; one that
// somebody is merely in does not, as what it showed would count as typed. Folds stay as they were opened. A row that
// shows another value than the server gave is drawn anew the next time.
const changed = sent => new Set([...sent.keys()].filter(field => sent.get(field) !== valueOf(field)));
const keeping = touched => ({
  beforeAttributeUpdated(name, element, kind) {
    if (element.localName === 'details') return !(name === 'open' && kind === 'remove');
    if (!['value', 'checked', 'selected'].includes(name)) return true;
    const field = owner(element);
    if (touched.has(field)) delete field.closest('tr')?.dataset.made;
    return !touched.has(field);
  },
  // Its options were changed one by one.
  afterNodeMorphed(here, there) {
    if (here.localName === 'select' && !touched.has(here)) here.value = there.value;
  },
});

// A row that nobody is in is exchanged whole, which is far quicker.
const isIn = (row, touched, active) => row.contains(active) || row.querySelector('details[open]')
  || [...row.querySelectorAll('input:not([type=hidden]), textarea')].some(field => touched.has(field));

const exchange = (here, there, callbacks) => window.Idiomorph.morph(here, there, { callbacks });

const exchangeRows = (page, callbacks, isUsed) => {
  const rows = page.querySelector('.edit-lines')?.tBodies[0].rows;
  if (!rows) return;
  const body = table().tBodies[0], shown = new Map([...body.rows].map(row => [row.id, row]));
  let place = body.firstElementChild;
  for (const row of [...rows]) {
    const old = shown.get(row.id), isSame = old && 'same' in row.dataset;
    const here = isSame || (old && isUsed(old)) ? old : document.adoptNode(row);
    shown.delete(row.id);
    if (old && here === old && !isSame) exchange(old, row, callbacks);
    else if (old && here !== old) {
      if (old === place) place = here;
      old.replaceWith(here);
    }
    if (here === place) place = place.nextElementSibling;
    else body.insertBefore(here, place);
  }
  for (const row of shown.values()) {
    if (row === place) place = place.nextElementSibling;
    row.remove();
  }
};

// A pasted list outlives its drawer: Escape is pressed quickly, and the list may be long.
let pasted = '';
const showDrawer = () => {
  const drawer = form.querySelector('#editor-drawers dialog');
  if (!drawer || drawer.matches(':modal')) return;
  drawer.removeAttribute('open');
  drawer.showModal();
  const paste = drawer.querySelector('[name=paste]');
  drawer.addEventListener('close', () => {
    if (paste) pasted = paste.value;
    drawer.remove();
    document.getElementById(opener)?.focus();
  });
  if (!paste) return;
  const kept = pasted;
  pasted = '';
  if (!kept || paste.value) return;
  drawer.querySelector('[name=find-mode][value=paste]').checked = true;
  paste.value = kept;
  paste.focus();
  paste.dispatchEvent(new Event('input', { bubbles: true }));
};

// Where the focus goes when its button has gone by what it did.
const nextTo = deed => {
  const [name, of] = deed.split(':');
  return { today: of ? `line-${of}-price` : 'open-products', calculate: `${of}_costs`, undo: 'add-words' }[name];
};

const show = (text, deed, sent) => {
  const page = new DOMParser().parseFromString(text, 'text/html'), active = document.activeElement;
  const hadDrawer = form.querySelector('#editor-drawers dialog'), isAllSelected = active.value && active.selectionEnd - active.selectionStart === active.value.length;
  const touched = changed(sent), callbacks = keeping(touched);
  if (typing && deed === 'reckon') touched.add(typing);
  for (const part of page.querySelectorAll('[data-part]')) {
    const here = document.getElementById(part.id);
    if (here) exchange(here, part, callbacks);
  }
  exchangeRows(page, callbacks, row => isIn(row, touched, active));
  if (deed === 'paste') pasted = '';
  const { unsaved, draft } = page.getElementById('editor').dataset;
  form.dataset.unsaved = unsaved;
  if (draft) history.replaceState(history.state, '', draft);
  showDrawer();
  if (active.isConnected && active !== document.activeElement) active.focus({ preventScroll: true });
  if (isAllSelected && active === document.activeElement) active.select();
  if (deed.startsWith('remove:')) form.querySelector('button[value=undo]')?.focus();
  if (document.activeElement === document.body) document.getElementById(nextTo(deed))?.focus({ preventScroll: true });
  if (hadDrawer && !hadDrawer.isConnected) document.getElementById(opener)?.focus();
  document.dispatchEvent(new Event('input'));
  form.dispatchEvent(new CustomEvent('editor-shown', { detail: { deed } }));
};

const told = kind => {
  trouble.hidden = !kind;
  for (const each of trouble.querySelectorAll('[data-when]')) each.hidden = each.dataset.when !== kind;
};

// Why something was refused stands on the page that answers.
const refused = (text, deed) => {
  const page = new DOMParser().parseFromString(text, 'text/html');
  trouble.querySelector('[data-reason]').textContent = page.querySelector('[data-not-taken] p')?.textContent ?? '';
  told('refused');
  if (deed !== 'reckon') trouble.scrollIntoView({ block: 'center' });
};

const leave = address => {
  form.dispatchEvent(new Event('submit')); // nobody asks whether to leave what is saved
  location.assign(address);
};

const body = deed => {
  const fields = new URLSearchParams(new FormData(form));
  fields.set('do', deed);
  fields.set('made', [...table().tBodies[0].rows].map(row => `${row.dataset.key}:${row.dataset.made}`).join(' '));
  return fields;
};

const answered = async (answer, deed, sent) => {
  const address = answer.headers.get('X-Go');
  if (address) return leave(address);
  if (answer.headers.has('X-Page')) return form.requestSubmit(form.querySelector(`button[value="${deed}"]`));
  if (answer.status === 401) return told('ended');
  if (answer.status >= 500) throw new Error(answer.status);
  const text = await answer.text();
  if (!answer.ok) return refused(text, deed);
  told('');
  failed = 0;
  show(text, deed, sent);
};

// One request at a time: a pressed button is waited for; reckoning gives way to what is newer, opening to opening.
const givesWay = deed => flight.deed === 'reckon' || (flight.deed.startsWith('open:') && deed.startsWith('open:'));

const send = async (deed = 'reckon') => {
  clearTimeout(timer);
  if (flight && !givesWay(deed)) {
    if (deed === 'reckon') { isStale = true; return; }
    await new Promise(resolve => { flight.whenDone.push(resolve); });
    return send(deed);
  }
  flight?.aborter.abort();
  const mine = flight = { deed, aborter: new AbortController(), whenDone: flight?.whenDone ?? [] };
  const sent = new Map([...form.elements].map(field => [field, valueOf(field)]));
  form.ariaBusy = 'true';
  try {
    const answer = await fetch(form.action, { method: 'POST', body: body(deed), headers: { 'X-Part': 'editor' }, signal: mine.aborter.signal });
    if (flight === mine) await answered(answer, deed, sent);
  } catch (fault) {
    if (flight !== mine) return;
    if (fault.name === 'AbortError') return;
    told('away');
    timer = setTimeout(() => send(deed), TRIES_AGAIN[Math.min(failed++, TRIES_AGAIN.length - 1)]);
  } finally {
    if (flight === mine) {
      flight = null;
      form.ariaBusy = null;
      if (mine.whenDone.length) mine.whenDone.splice(0).forEach(resolve => resolve());
      else if (isStale) { isStale = false; later(WAITS); }
    }
  }
};

const later = waits => { clearTimeout(timer); timer = setTimeout(send, waits); };

form.addEventListener('input', event => {
  typing = event.target;
  const sends = event.target.closest('[data-sends]')?.dataset.sends;
  if (sends) { clearTimeout(timer); timer = setTimeout(() => send(sends), WAITS / 2); }
  else if (!event.target.closest('dialog') && !('quiet' in event.target.dataset)) later(WAITS);
});
form.addEventListener('focusout', () => {
  if (typing?.value === '' && typing.closest('.edit-lines, .field') && !('quiet' in typing.dataset)) later(0); // shows what is reckoned in its place
  typing = null;
});
document.addEventListener('click', event => {
  const button = event.target.closest('button[name=do]');
  if (button?.form !== form || event.defaultPrevented || 'plain' in button.dataset) return;
  event.preventDefault();
  if (button.value.startsWith('open:')) opener = button.id;
  if (flight && flight.deed === button.value) return;
  send(button.value);
});
form.addEventListener('editor-send', event => send(event.detail));
trouble.addEventListener('click', event => {
  if (event.target.closest('[data-editor-sign-in]')) form.requestSubmit(form.querySelector('button[value=reckon]'));
});
showDrawer();
