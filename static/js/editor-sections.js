// Marks the section of the order editor that is read, and opens the fold around a field that a link leads to.
const links = [...document.querySelectorAll('.anchors a')], NEAR = 16;
const topOf = hash => document.querySelector(hash)?.getBoundingClientRect().top ?? Infinity;

// What has come to the top; at the end of the page, which not all can leave below them, the last or what was gone to.
const read = () => {
  const page = document.documentElement, limit = parseFloat(getComputedStyle(page).scrollPaddingTop) + NEAR;
  const isEnd = scrollY > 0 && innerHeight + scrollY >= page.scrollHeight - 1;
  const { hash } = links.findLast(link => topOf(link.hash) < (isEnd ? innerHeight : limit)) ?? links[0];
  const isGoneTo = links.some(link => link.hash === location.hash) && topOf(location.hash) < innerHeight;
  return isGoneTo && (isEnd ? topOf(location.hash) > 0 : topOf(location.hash) === topOf(hash)) ? location.hash : hash;
};

const mark = () => {
  const seen = read();
  for (const link of document.querySelectorAll('.anchors a')) {
    if (link.hash === seen) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
};
document.addEventListener('scroll', mark, { passive: true });
window.addEventListener('hashchange', mark);

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
