// A dialog that shows a page of its own: fetched when it is opened, once; where that does not work, the page itself opens.
document.addEventListener('click', async event => {
  const opener = event.target.closest('[data-opens-page]');
  if (event.target.closest('[data-page-place] [data-cancels]')) {
    event.preventDefault();
    event.target.closest('dialog').close();
  }
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const dialog = document.getElementById(opener.dataset.opensPage), place = dialog.querySelector('[data-page-place]');
  try {
    if (!place.firstElementChild) {
      const answer = await fetch(opener.href, { headers: { 'X-Part': 'dialog' } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      place.replaceChildren(page.querySelector('[data-page-part]'));
    }
    dialog.showModal();
  } catch {
    location.assign(opener.href);
  }
});
