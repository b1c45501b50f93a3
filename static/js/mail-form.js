// A mail to the client: another language brings its text along while nobody touched it, and the preview and the PDF follow.
const show = form => form.requestSubmit(form.querySelector('[data-mail-preview]'));
let waiting;

document.addEventListener('input', event => {
  const form = event.target.closest('[data-mail]');
  if (!form || !event.target.matches('[name=subject], [name=body]')) return;
  clearTimeout(waiting);
  waiting = setTimeout(show, 400, form);
});

const before = new WeakMap();
document.addEventListener('focusin', event => {
  if (event.target.matches('[data-mail-language]') && !before.has(event.target)) before.set(event.target, event.target.selectedOptions[0]);
});
document.addEventListener('change', event => {
  const language = event.target;
  if (!language.matches('[data-mail-language]')) return;
  const { subject, body } = language.form.elements, chosen = language.selectedOptions[0], was = before.get(language);
  for (const [field, name] of [[subject, 'subject'], [body, 'body']]) if (!was || field.value.trim() === was.dataset[name].trim()) field.value = chosen.dataset[name];
  before.set(language, chosen);
  language.form.querySelector('[data-mail-pdf]').search = new URLSearchParams({ language: language.value });
  show(language.form);
});

for (const form of document.querySelectorAll('[data-mail-typed]')) show(form);
