// Save is there to be pressed once something is typed or chosen, and leaving the page then asks first.
const form = document.querySelector('form[data-unsaved]');
const isChanged = field => field.matches('select')
  ? [...field.options].some(option => option.selected !== option.defaultSelected)
  : field.type !== 'hidden' && field.type !== 'submit' && field.value !== field.defaultValue;
let leaving = false;

const show = () => {
  const dirty = Boolean(form.dataset.unsaved) || [...form.elements].some(isChanged);
  for (const button of document.querySelectorAll('[data-save]')) button.disabled = !dirty;
  for (const mark of document.querySelectorAll('[data-unsaved-mark]')) mark.hidden = !dirty;
  return dirty;
};

if (form) {
  document.addEventListener('input', show);
  form.addEventListener('submit', () => { leaving = true; });
  window.addEventListener('pageshow', () => { leaving = false; show(); });
  window.addEventListener('beforeunload', event => { if (!leaving && show()) event.preventDefault(); });
  show();
}
