// Asks before a button marked with `data-confirm` sends its form.
const dialog = document.querySelector('[data-confirm-dialog]');
const go = dialog?.querySelector('[data-confirm-go]');
const otherwise = dialog?.querySelector('[data-confirm-otherwise]');
const usual = otherwise?.textContent;
let asking = null;

const ask = button => {
  asking = button;
  const words = button.dataset.confirmLabel || button.textContent.trim() || button.title;
  dialog.querySelector('h2').textContent = words;
  dialog.querySelector('[data-confirm-text]').textContent = button.dataset.confirm;
  go.textContent = words;
  otherwise.textContent = button.dataset.confirmOtherwise || usual;
  go.classList.toggle('btn-danger-solid', button.matches('.btn-bad'));
  dialog.showModal();
};

document.addEventListener('click', event => {
  const button = event.target.closest('button[data-confirm]');
  if (!button || !dialog) return;
  event.preventDefault();
  ask(button);
});
go?.addEventListener('click', () => {
  dialog.close();
  asking.form.requestSubmit(asking);
});
