// Drawers of the editor: finds while the person types, and lets the arrow keys walk through what is found.
const editor = document.getElementById('editor'), WAITS = 200;
const pickerOf = node => node.closest('[data-picker]');
let waiting, asked, wanted = null;

const finds = () => new URLSearchParams([...new FormData(editor)].filter(([name]) => name.startsWith('find-')));
const items = picker => [...picker.querySelectorAll('[data-picker-item]')].filter(item => item.closest('label, button').checkVisibility());

const ask = async address => {
  asked?.abort();
  asked = new AbortController();
  const answer = await fetch(`${address}?${finds()}`, { signal: asked.signal, redirect: 'manual' });
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
};

const parsed = text => new DOMParser().parseFromString(text, 'text/html').body;

const tell = (picker, text) => { picker.querySelector('[data-picker-status]').textContent = text; };

// What is ticked stays where it is; all else gives way to what is found now.
const draw = (picker, text) => {
  const place = document.getElementById(picker.dataset.pickerPart), found = parsed(text);
  if ('pickerKeeps' in place.dataset) {
    const kept = [...place.children].filter(row => row.querySelector('[data-picker-item]:checked'));
    for (const row of kept) found.querySelector(`[data-found="${row.dataset.found}"]`)?.remove();
    place.replaceChildren(...kept, ...found.childNodes);
  } else place.replaceChildren(...found.childNodes);
  place.inert = false;
  tell(picker, place.querySelector('[data-found-told]').textContent);
};

const look = async picker => {
  clearTimeout(waiting);
  try {
    draw(picker, await ask(picker.dataset.picker));
  } catch (fault) {
    if (fault.name !== 'AbortError') editor.dispatchEvent(new CustomEvent('editor-send', { detail: 'reckon' }));
    return;
  }
  wanted?.();
  wanted = null;
};

const later = picker => {
  asked?.abort();
  wanted = null;
  document.getElementById(picker.dataset.pickerPart).inert = true;
  clearTimeout(waiting);
  waiting = setTimeout(look, WAITS, picker);
};

const lead = async item => {
  const place = document.getElementById('find-contacts');
  try { place.replaceChildren(...parsed(await ask(item.dataset.pickerLeads)).childNodes); } catch (fault) { if (fault.name !== 'AbortError') place.replaceChildren(); }
};

// The first that is found: pressed, or chosen with the focus on what follows from it.
const take = async item => {
  if (item.type === 'radio') {
    item.checked = true;
    await lead(item);
    document.querySelector('#find-contacts [data-picker-item]')?.focus();
  } else if (item.type === 'checkbox') {
    item.checked = true;
    item.closest('[data-found]').querySelector('.found-quantity').select();
  } else item.click();
};

const first = (picker, act) => {
  const go = () => { const [item] = items(picker); if (item) act(item); };
  if (!document.getElementById(picker.dataset.pickerPart).inert) return go();
  wanted = go;
  look(picker);
};

const walk = (event, picker, words) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], item = event.target;
  const near = item === words ? items(picker) : items(picker).filter(each => each.closest('.pane, [data-picker-keeps]') === item.closest('.pane, [data-picker-keeps]'));
  const next = near[near.indexOf(item) + step];
  if (item === words && step < 0) return;
  event.preventDefault();
  const to = next ?? (step < 0 ? words : null);
  to?.focus();
  if (to?.type === 'radio') { to.checked = true; lead(to); }
};

editor.addEventListener('keydown', event => {
  const picker = pickerOf(event.target), words = picker?.querySelector('[data-picker-words]');
  if (!words) return;
  const isWords = event.target === words, isItem = 'pickerItem' in event.target.dataset;
  if (event.key === 'Enter' && (isWords || (isItem && event.target.type !== 'submit'))) {
    event.preventDefault();
    if (isWords) first(picker, take); else take(event.target);
  } else if (event.key === 'Enter' && event.target.matches('input')) {
    event.preventDefault();
    words.focus();
    words.select();
  } else if ((isWords || isItem) && ['ArrowDown', 'ArrowUp'].includes(event.key)) walk(event, picker, words);
});
editor.addEventListener('input', event => {
  const picker = pickerOf(event.target);
  if (picker && 'pickerWords' in event.target.dataset) later(picker);
  if (picker && 'pickerLeads' in event.target.dataset) lead(event.target);
  if (event.target.matches('.found-quantity')) event.target.closest('[data-found]').querySelector('[type=checkbox]').checked = true;
});
editor.addEventListener('change', event => {
  if (pickerOf(event.target) && 'pickerNarrows' in event.target.dataset) look(pickerOf(event.target));
});
