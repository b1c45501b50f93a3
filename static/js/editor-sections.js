// Marks the section of the order editor that is read, and opens the fold around a field that a link leads to.
const links = [...document.querySelectorAll('.anchors a')];
const mark = () => {
  const seen = links.findLast(link => document.querySelector(link.hash)?.getBoundingClientRect().top < innerHeight / 3) ?? links[0];
  for (const link of document.querySelectorAll('.anchors a')) {
    if (link.hash === seen.hash) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
};
document.addEventListener('scroll', mark, { passive: true });
document.getElementById('editor').addEventListener('editor-shown', mark);
document.addEventListener('click', event => {
  const field = event.target.closest('[data-first-fault]') && document.querySelector(event.target.closest('[data-first-fault]').hash);
  if (!field) return;
  event.preventDefault();
  const fold = field.closest('details');
  if (fold) fold.open = true;
  field.scrollIntoView({ block: 'center' });
  field.focus({ preventScroll: true });
});
mark();
