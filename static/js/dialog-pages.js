// Opens the page of a link inside a dialog.
const open = async link => {
  const dialog = document.getElementById(link.dataset.dialog);
  const answer = await fetch(link.dataset.dialogPage);
  if (!answer.ok || answer.redirected) { location.assign(link.href); return; }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  dialog.replaceChildren(...page.body.childNodes);
  dialog.showModal();
  dialog.dispatchEvent(new Event('fields-added', { bubbles: true }));
  dialog.querySelector('.drawer-b input:not([type=hidden]), .drawer-b select, .drawer-b textarea')?.focus();
};

document.addEventListener('click', event => {
  const link = event.target.closest('a[data-dialog-page]');
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(link).catch(() => location.assign(link.href));
  }
  const closer = event.target.closest('[data-dialog-close]');
  if (closer?.closest('dialog')) {
    event.preventDefault();
    closer.closest('dialog').close();
  }
});
