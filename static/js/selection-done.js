// Forgets what was ticked once the batch that this browser tab confirmed has begun; other batches may be looked at.
const KEPT = 'orders-selection', SENT = 'orders-selection-sent';

if (document.querySelector('[data-selection-done]') && sessionStorage.getItem(SENT)) sessionStorage.removeItem(KEPT);
// Asked again, nothing was begun.
sessionStorage.removeItem(SENT);
document.querySelector('[data-selection-confirm]')?.addEventListener('submit', () => sessionStorage.setItem(SENT, '1'));
