// Counts ticked rows and shows the bar with their actions in place of the result line. With `data-ticks-stay` rows stay ticked
// on other pages of the list, in this browser tab, until something is done with them.
for (const form of document.querySelectorAll('[data-selection]')) {
  const bar = form.querySelector('[data-selection-bar]'), line = form.querySelector('[data-result-line]');
  const text = bar.querySelector('[data-selection-text]'), all = form.querySelector('[data-tick-all]');
  if (!all) continue;
  const boxes = [...form.querySelectorAll('input[name=rowid]')];
  const place = form.dataset.ticksStay && `ticked ${form.dataset.ticksStay} ${location.pathname}`;
  let away = [];

  const keep = values => {
    if (!place) return;
    if (values.length) sessionStorage.setItem(place, JSON.stringify(values));
    else sessionStorage.removeItem(place);
  };
  const show = () => {
    const here = boxes.filter(box => box.checked).length, count = here + away.length;
    bar.hidden = count === 0;
    if (line) line.hidden = count > 0;
    const words = away.length ? text.dataset.selectionTextAway : text.dataset.selectionText;
    text.textContent = words.replace('{n}', count).replace('{here}', here);
    all.checked = here > 0 && here === boxes.length;
    all.indeterminate = here > 0 && here < boxes.length;
  };
  const changed = () => {
    keep([...away, ...boxes.filter(box => box.checked).map(box => box.value)]);
    show();
  };
  const tick = isOn => { boxes.forEach(box => { box.checked = isOn; }); changed(); };
  const restore = () => {
    const kept = place ? JSON.parse(sessionStorage.getItem(place) ?? '[]') : [], own = boxes.map(box => box.value);
    away = kept.filter(value => !own.includes(value));
    if (place) boxes.forEach(box => { box.checked = kept.includes(box.value); });
    show();
  };

  form.addEventListener('change', event => {
    if (event.target === all) tick(all.checked);
    else if (boxes.includes(event.target)) changed();
  });
  bar.querySelector('[data-selection-clear]').addEventListener('click', () => { away = []; tick(false); all.focus(); });
  boxes[0]?.form.addEventListener('submit', event => {
    for (const value of away) event.target.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'rowid', value }));
    away = [];
    keep([]);
  });
  addEventListener('pageshow', restore);
  restore();
}
