// Puts columns in order by dragging, by arrows and by keys, and counts those shown. Closing the drawer puts all back.
for (const form of document.querySelectorAll('[data-table-editor]')) {
  const list = form.querySelector('[data-columns]'), rows = () => [...list.querySelectorAll('[data-column]')];
  const grip = row => row.querySelector('[data-grip]'), box = row => row.querySelector('input[type=checkbox]');
  const count = form.querySelector('[data-columns-count]'), said = form.querySelector('[data-columns-said]');
  const saved = rows(), shown = saved.filter(row => box(row).checked);
  let held = null, before = [];

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const tally = () => {
    const boxes = [...list.querySelectorAll('input[type=checkbox]')];
    count.textContent = fill(count.dataset.columnsCount, { n: boxes.filter(one => one.checked).length, all: boxes.length });
  };
  const say = (what, row) => {
    const place = [...list.children].indexOf(row) + 1;
    said.textContent = fill(said.dataset[what], { name: row?.dataset.column, place, all: list.childElementCount });
  };
  const arrange = (ordered, isShown) => {
    list.append(...ordered);
    ordered.forEach(row => { box(row).checked = isShown(row); });
    tally();
  };
  // The neighbour goes round the row, which so keeps the focus.
  const move = (row, by) => {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other?.matches('[data-column]')) return;
    if (by < 0) row.after(other); else row.before(other);
    row.scrollIntoView({ block: 'nearest' });
    say('moved', row);
  };
  const letGo = () => {
    const row = held;
    held = null;
    row.classList.remove('held');
    grip(row).setAttribute('aria-pressed', 'false');
    return row;
  };
  const drop = () => { if (held) say('dropped', letGo()); };
  const pickUp = row => {
    held = row;
    before = rows();
    row.classList.add('held');
    grip(row).setAttribute('aria-pressed', 'true');
    say('held', row);
  };
  const putBack = () => {
    const row = letGo();
    list.append(...before);
    grip(row).focus();
    say('putBack', row);
  };

  new window.Sortable(list, {
    draggable: '[data-column]', handle: '[data-grip]', animation: 150, forceFallback: true, fallbackOnBody: true, // Firefox drags no button
    onStart: drop, onUpdate: event => say('moved', event.item),
  });
  list.addEventListener('change', tally);
  list.addEventListener('focusout', event => { if (held && event.target === grip(held)) drop(); });
  list.addEventListener('click', event => {
    const button = event.target.closest('button'), row = button?.closest('[data-column]');
    if (!row) return;
    event.preventDefault();
    if (button !== grip(row)) move(row, button.name === 'up' ? -1 : 1);
    else if (held) drop();
    else pickUp(row);
  });
  list.addEventListener('keydown', event => {
    if (!held) return;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by) move(held, by);
    else if (event.key === 'Escape') putBack();
    else return;
    event.preventDefault();
    event.stopPropagation(); // Escape would close the drawer
  });
  form.elements.default.addEventListener('click', event => {
    event.preventDefault();
    const names = form.dataset.default.split(','), place = row => names.indexOf(box(row).value);
    const [chosen, others] = [true, false].map(is => rows().filter(row => place(row) >= 0 === is));
    arrange([...chosen.sort((one, other) => place(one) - place(other)), ...others], row => place(row) >= 0);
    said.textContent = said.dataset.default;
  });
  form.closest('.offcanvas').addEventListener('hidden.bs.offcanvas', () => arrange(saved, row => shown.includes(row)));
}
