// Fades the edge of tabs that go on to the right, and brings the current tab into view.
for (const tabs of document.querySelectorAll('[data-tab-scroll]')) {
  const fade = () => tabs.classList.toggle('more', tabs.scrollLeft + tabs.clientWidth < tabs.scrollWidth - 4);
  const current = tabs.querySelector('[aria-current]')?.parentElement;
  if (current && current.offsetLeft + current.offsetWidth > tabs.clientWidth - 48) tabs.scrollLeft = current.offsetLeft - 48;
  tabs.addEventListener('scroll', fade, { passive: true });
  addEventListener('resize', fade);
  fade();
}
