// The search of the product list: suggestions while typing; Enter adds the highlighted one, or the first.
const editor = document.getElementById('editor'), WAITS = 150, ROOM = 400;
const search = () => editor.querySelector('[data-product-search]');
const input = () => document.getElementById('add-words'), list = () => document.getElementById('suggestions');
const status = () => editor.querySelector('[data-search-status]');
let waiting, asked, isCurrent = true;

const options = () => [...list().querySelectorAll('[role=option]')];

const highlight = option => {
  for (const each of options()) each.ariaSelected = String(each === option);
  if (option) { input().setAttribute('aria-activedescendant', option.id); option.scrollIntoView({ block: 'nearest' }); }
  else input().removeAttribute('aria-activedescendant');
};

const show = isShown => {
  list().classList.toggle('is-below', input().getBoundingClientRect().top < ROOM);
  list().hidden = !isShown;
  input().ariaExpanded = String(isShown);
  if (!isShown) highlight(null);
};

// The field is free at once for the next one: a scanner does not wait for an answer.
const add = option => {
  const deed = option ? `add:${option.dataset.product}` : `seek:${input().value.trim()}`;
  clearTimeout(waiting);
  asked?.abort();
  input().value = '';
  list().replaceChildren();
  isCurrent = true;
  show(false);
  editor.dispatchEvent(new CustomEvent('editor-send', { detail: deed }));
};

const look = async () => {
  clearTimeout(waiting);
  asked?.abort();
  asked = new AbortController();
  const words = input().value.trim();
  if (!words) { list().replaceChildren(); isCurrent = true; show(false); return; }
  try {
    const answer = await fetch(`${search().dataset.productSearch}?${new URLSearchParams({ 'find-words': words })}`, { signal: asked.signal, redirect: 'manual' });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    list().replaceChildren(...page.querySelectorAll('[role=option]'));
    isCurrent = true;
    status().textContent = options().length ? String(options().length) : status().dataset.none;
    show(options().length > 0 && document.activeElement === input());
  } catch (fault) {
    if (fault.name === 'AbortError') return;
    list().replaceChildren();
    show(false);
    status().textContent = status().dataset.failed;
  }
};

editor.addEventListener('input', event => {
  if (event.target !== input()) return;
  isCurrent = false;
  clearTimeout(waiting);
  waiting = setTimeout(look, WAITS);
});
editor.addEventListener('keydown', event => {
  if (event.target !== input()) return;
  const all = options(), at = all.findIndex(option => option.ariaSelected === 'true');
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    if (list().hidden && all.length) show(true);
    highlight(all[Math.max(0, Math.min(at + step, all.length - 1))] ?? null);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    if (!input().value.trim()) return;
    add(isCurrent ? all[Math.max(at, 0)] : null);
  } else if (event.key === 'Escape' && !list().hidden) {
    event.stopPropagation();
    show(false);
  }
});
editor.addEventListener('mousedown', event => {
  const option = event.target.closest('#suggestions [role=option]');
  if (option) { event.preventDefault(); add(option); }
});
editor.addEventListener('focusout', event => { if (event.target === input()) show(false); });
editor.addEventListener('editor-shown', event => {
  if (event.detail.deed.startsWith('seek:') && document.activeElement === input()) input().select();
});
