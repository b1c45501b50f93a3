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

const leadTo = hash => {
  const field = document.getElementById(hash.slice(1)) ?? document.getElementById(hash.slice(1).split('-', 2).join('-'));
  if (!field) return false;
  const fold = field.closest('details');
  if (fold) fold.open = true;
  field.scrollIntoView({ block: 'center' });
  field.focus({ preventScroll: true });
  return true;
};

document.getElementById('editor').addEventListener('editor-shown', event => {
  mark();
  const fault = document.querySelector('[data-first-fault]');
  if (!/^(save|draft)$/.test(event.detail.deed)) return;
  if (fault) leadTo(fault.hash);
  else document.getElementById('editor-told').scrollIntoView({ block: 'center' });
});
document.addEventListener('click', event => {
  const link = event.target.closest('[data-first-fault]');
  if (link && leadTo(link.hash)) event.preventDefault();
});
mark();
