// Ticked orders: kept in this browser tab over pages, sorts and searches, and frozen on the server when all that match are taken.
const KEPT = 'orders-selection', DAY = 24 * 3600 * 1000;

const nothing = person => ({ person, since: Date.now(), ids: [], frozen: null, asked: '', size: 0, without: [] });
const kept = person => {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT));
    if (found?.person === person && Date.now() - found.since < DAY) return found;
  } catch { /* what cannot be read is no selection */ }
  return nothing(person);
};
const keep = chosen => {
  if (chosen.ids.length || chosen.frozen) sessionStorage.setItem(KEPT, JSON.stringify(chosen));
  else sessionStorage.removeItem(KEPT);
};

const bind = form => {
  const find = name => form.querySelector(`[data-${name}]`);
  const bar = find('selection-bar'), line = find('result-line'), text = find('selection-text'), all = find('tick-all');
  const selectAll = find('select-all'), failed = find('selection-failed'), ended = find('selection-ended'), ofOne = find('of-one');
  const boxes = [...form.querySelectorAll('input[name=rowid]')];
  const person = form.dataset.selection;
  let chosen = kept(person), held = new Set();

  const count = () => chosen.ids.length + chosen.size - chosen.without.length;
  const values = () => {
    const told = { ids: chosen.ids.join(','), selection: chosen.frozen ?? '', without: chosen.without.join(',') };
    return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== ''));
  };
  const show = () => {
    const here = boxes.filter(box => box.checked).length, total = count();
    bar.hidden = total === 0;
    if (line) line.hidden = total > 0;
    const words = here === total ? text.dataset.selectionText : text.dataset.selectionTextAway;
    text.textContent = words.replace('{n}', total.toLocaleString(document.documentElement.lang)).replace('{here}', here);
    if (all) all.checked = here > 0 && here === boxes.length;
    if (all) all.indeterminate = here > 0 && here < boxes.length;
    if (ofOne) ofOne.hidden = total !== 1;
    if (selectAll) selectAll.hidden = chosen.asked === form.getAttribute('action') && !chosen.ids.length && !chosen.without.length;
    form.dispatchEvent(new CustomEvent('selection-changed', { bubbles: true, detail: { count: total, here, values: values() } }));
  };
  const without = (numbers, number) => numbers.filter(other => other !== number);
  const tick = (box, isOn) => {
    const number = Number(box.value);
    box.checked = isOn;
    chosen.ids = without(chosen.ids, number);
    chosen.without = without(chosen.without, number);
    if (isOn && !held.has(number)) chosen.ids.push(number);
    if (!isOn && held.has(number)) chosen.without.push(number);
  };
  const restore = async () => {
    chosen = kept(person);
    held = new Set();
    const { frozen } = chosen;
    if (frozen) {
      const asked = form.dataset.heldUrl.replace('/0/', `/${frozen}/`);
      const answer = await fetch(`${asked}?ids=${boxes.map(box => box.value).join(',')}`, { headers: { Accept: 'application/json' } });
      const found = answer.ok && !answer.redirected ? await answer.json() : null;
      // Meanwhile the selection may have been cleared, or all chosen anew.
      if (chosen.frozen !== frozen) return;
      if (found) held = new Set(found);
      else chosen = { ...nothing(person), ids: chosen.ids };
      // What was ticked before the answer came counts once.
      chosen.ids = chosen.ids.filter(number => !held.has(number));
      keep(chosen);
    }
    for (const box of boxes) {
      const number = Number(box.value);
      box.checked = chosen.ids.includes(number) || (held.has(number) && !chosen.without.includes(number));
    }
    show();
  };
  const tell = status => {
    ended.hidden = status !== 401;
    failed.hidden = status === 401;
  };
  document.addEventListener('selection-failed', event => tell(event.detail));
  const freeze = async () => {
    const body = new URLSearchParams({ action: 'select', csrf_token: form.elements.csrf_token.value, ...values() });
    const answer = await fetch(form.getAttribute('action'), { method: 'POST', body, headers: { Accept: 'application/json' } });
    if (!answer.ok || answer.redirected) return tell(answer.redirected ? 401 : answer.status);
    failed.hidden = ended.hidden = true;
    const made = await answer.json();
    chosen = { ...nothing(person), frozen: made.id, asked: form.getAttribute('action'), size: made.size };
    keep(chosen);
    await restore();
    all.focus();
  };

  let last = null, isRange = false;
  form.addEventListener('click', event => { isRange = event.shiftKey; }, true);
  form.addEventListener('change', event => {
    const place = boxes.indexOf(event.target);
    if (event.target === all) boxes.forEach(box => tick(box, all.checked));
    else if (place >= 0) {
      const other = isRange ? last ?? place : place;
      boxes.slice(Math.min(other, place), Math.max(other, place) + 1).forEach(box => tick(box, event.target.checked));
      last = place;
    }
    keep(chosen);
    show();
  });
  // The browser would press the form's first button, and choose all that match.
  form.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.target === all || boxes.includes(event.target))) event.preventDefault();
  });
  find('selection-clear').addEventListener('click', () => {
    chosen = nothing(person);
    held = new Set();
    boxes.forEach(box => { box.checked = false; });
    keep(chosen);
    show();
    all?.focus();
  });
  selectAll?.addEventListener('click', event => {
    event.preventDefault();
    freeze().catch(() => tell(0));
  });
  form.addEventListener('submit', event => {
    const told = values();
    for (const name of ['ids', 'selection', 'without']) Object.assign(form.elements[name], { value: told[name] ?? '', disabled: !(name in told) });
    // What is ticked goes in one field, this page's rows included.
    boxes.forEach(box => { box.disabled = true; });
    // What leads to another tab leaves this page as it is.
    if (event.submitter?.formTarget) setTimeout(() => boxes.forEach(box => { box.disabled = false; }));
  });
  addEventListener('pageshow', event => {
    if (!event.persisted) return;
    boxes.forEach(box => { box.disabled = false; });
    restore();
  });
  // Somebody may have been faster than this script.
  boxes.filter(box => box.checked).forEach(box => tick(box, true));
  keep(chosen);
  restore();
};

document.querySelectorAll('[data-selection]').forEach(bind);
