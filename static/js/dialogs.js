// Dialogs over the page: what `data-opens` names is opened, and closed by its buttons, by Escape, and beside it. One that asks
// again for what was refused is there at once.
document.addEventListener('click', event => {
  const opener = event.target.closest('[data-opens]');
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens).showModal();
  } else if (event.target.matches('dialog') || event.target.closest('[data-closes]')) event.target.closest('dialog').close();
});
for (const dialog of document.querySelectorAll('[data-opened]')) {
  dialog.showModal();
  dialog.querySelector('[aria-invalid]')?.focus();
}
