// Tells the stylesheet whether a table was scrolled, and whether there is more to the right.
for (const frame of document.querySelectorAll('[data-table-shades]')) {
  const scroller = frame.firstElementChild;
  const see = () => {
    frame.classList.toggle('scrolled', scroller.scrollLeft > 2);
    frame.classList.toggle('at-end', scroller.scrollLeft + scroller.clientWidth >= scroller.scrollWidth - 2);
  };
  scroller.addEventListener('scroll', see, { passive: true });
  new ResizeObserver(see).observe(scroller);
  see();
}
