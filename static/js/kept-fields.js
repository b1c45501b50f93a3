// What was typed into a form that was not taken, since the session had ended or the server was away, comes back once, to who typed it.
const SENT = 'sent-form', LOST = 'lost-form', LASTS = 12 * 3600 * 1000;
const NEVER_KEPT = '[type=hidden], [type=password], [type=file], [type=submit], button';
const { person } = document.documentElement.dataset;
const read = name => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } };
const target = form => new URL(form.getAttribute('action') || location.href, location.href).pathname;
const typed = form => [...form.elements].filter(field => field.name && !field.matches(NEVER_KEPT));
const state = field => field.matches('select[multiple]') ? [...field.selectedOptions].map(option => option.value)
  : field.matches('[type=checkbox], [type=radio]') ? field.checked : field.value;

const sent = read(SENT), lost = read(LOST);
sessionStorage.removeItem(SENT);
if (sent && document.querySelector('[data-not-taken]')) sessionStorage.setItem(LOST, JSON.stringify(sent));

const fill = (field, was) => {
  if (Array.isArray(was)) for (const option of field.options) option.selected = was.includes(option.value);
  else if (typeof was === 'boolean') field.checked = was;
  else field.value = was;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
};

if (person && lost && (lost.person !== person || Date.now() - lost.since > LASTS)) sessionStorage.removeItem(LOST);
else if (person && lost?.page === location.pathname) {
  const form = [...document.forms].find(each => target(each) === lost.action);
  const fields = form ? typed(form) : [];
  if (fields.map(field => field.name).join() === lost.fields.map(([name]) => name).join()) {
    const differing = fields.filter((field, place) => String(state(field)) !== String(lost.fields[place][1]));
    for (const field of differing) fill(field, lost.fields[fields.indexOf(field)][1]);
    document.querySelector('[data-typed-is-back]').hidden = !differing.length;
  }
  sessionStorage.removeItem(LOST);
}

document.addEventListener('submit', event => {
  const form = event.target;
  if (!person || form.getAttribute('method')?.toLowerCase() !== 'post' || event.defaultPrevented) return;
  const fields = typed(form).map(field => [field.name, state(field)]);
  if (!fields.length) return;
  const kept = { person, since: Date.now(), page: location.pathname, action: target(form), fields };
  sessionStorage.setItem(SENT, JSON.stringify(kept));
});
