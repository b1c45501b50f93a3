// Opens the card of a status set on hover after a moment, on focus and on touch of its arrow.
const OPEN_DELAY = 250, CLOSE_DELAY = 200;

for (const tab of document.querySelectorAll('[data-set-card]')) {
  const arrow = tab.querySelector('.tarrow'), card = tab.querySelector('.setcard');
  let timer = 0, isLeaving = false, openedAt = 0;
  arrow.removeAttribute('popovertarget');
  card.popover = 'manual';

  const isOpen = () => card.matches(':popover-open');
  const place = () => {
    if (!isOpen()) return;
    const box = tab.getBoundingClientRect();
    card.style.left = `${Math.max(8, Math.min(box.left, innerWidth - card.offsetWidth - 8))}px`;
    card.style.top = `${box.bottom + 6}px`;
  };
  const show = () => {
    clearTimeout(timer);
    if (isOpen()) return;
    document.dispatchEvent(new CustomEvent('set-card-opens', { detail: card }));
    card.showPopover();
    place();
    arrow.setAttribute('aria-expanded', 'true');
    openedAt = performance.now();
  };
  const hide = () => {
    clearTimeout(timer);
    if (isOpen()) card.hidePopover();
    arrow.setAttribute('aria-expanded', 'false');
  };
  const later = (act, delay) => { clearTimeout(timer); timer = setTimeout(act, delay); };

  tab.addEventListener('pointerenter', event => { if (event.pointerType === 'mouse') later(show, OPEN_DELAY); });
  tab.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') later(hide, CLOSE_DELAY); });
  arrow.addEventListener('focus', () => { if (!isLeaving) show(); });
  // A touch focuses first and clicks after: that click must not close what the focus opened.
  arrow.addEventListener('click', () => { if (!isOpen()) show(); else if (performance.now() - openedAt > 400) hide(); });
  tab.addEventListener('focusout', event => { if (!tab.contains(event.relatedTarget)) hide(); });
  document.addEventListener('set-card-opens', event => { if (event.detail !== card) hide(); });
  document.addEventListener('pointerdown', event => { if (!tab.contains(event.target)) hide(); });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !isOpen()) return;
    isLeaving = true;
    if (card.contains(document.activeElement)) arrow.focus();
    isLeaving = false;
    hide();
  });
  document.addEventListener('scroll', place, { capture: true, passive: true });
}
