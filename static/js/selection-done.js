// Forgets what was ticked once the batch that this browser tab confirmed has begun: all, or the one order from whose page it came.
// Other batches may be looked at.
const KEPT = 'orders-selection', SENT = 'orders-selection-sent';

const forget = number => {
  const chosen = JSON.parse(sessionStorage.getItem(KEPT));
  if (!chosen) return;
  const ids = chosen.ids.filter(other => other !== number);
  if (ids.length || chosen.frozen) sessionStorage.setItem(KEPT, JSON.stringify({ ...chosen, ids }));
  else sessionStorage.removeItem(KEPT);
};
const sent = sessionStorage.getItem(SENT);
if (document.querySelector('[data-selection-done]') && sent) {
  if (sent === 'all') sessionStorage.removeItem(KEPT);
  else forget(Number(sent));
}
// Asked again, nothing was begun.
sessionStorage.removeItem(SENT);
document.querySelector('[data-selection-confirm]')?.addEventListener('submit', event => sessionStorage.setItem(SENT, event.target.dataset.selectionConfirm));
