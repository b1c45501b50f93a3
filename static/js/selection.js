// Counts ticked rows and shows the bar with their actions in place of the result line.
for (const form of document.querySelectorAll('[data-selection]')) {
  const bar = form.querySelector('[data-selection-bar]'), line = form.querySelector('[data-result-line]');
  const text = bar.querySelector('[data-selection-text]'), all = form.querySelector('[data-tick-all]');
  if (!all) continue;
  const boxes = [...form.querySelectorAll('input[name=rowid]')];

  const show = () => {
    const count = boxes.filter(box => box.checked).length;
    bar.hidden = count === 0;
    if (line) line.hidden = count > 0;
    text.textContent = text.dataset.selectionText.replace('{n}', count);
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };
  const tick = isOn => { boxes.forEach(box => { box.checked = isOn; }); show(); };

  form.addEventListener('change', event => { if (event.target === all) tick(all.checked); else show(); });
  bar.querySelector('[data-selection-clear]').addEventListener('click', () => { tick(false); all.focus(); });
  addEventListener('pageshow', show);
  show();
}
