// Shows of a table that is all here only the rows with every word that is typed, and the row that such a row belongs to.
const folded = text => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

for (const finder of document.querySelectorAll('[data-finds]')) {
  const rows = [...document.getElementById(finder.dataset.finds).tBodies[0].rows];
  const texts = rows.map(row => folded(row.textContent));
  const input = finder.querySelector('input');
  const status = finder.querySelector('[role=status]');
  const find = () => {
    const words = folded(input.value).split(/\s+/).filter(Boolean);
    let parent = null;
    let shown = 0;
    rows.forEach((row, index) => {
      const isChild = row.classList.contains('child');
      if (!isChild) parent = row;
      row.hidden = !words.every(word => texts[index].includes(word));
      shown += !row.hidden;
      if (isChild && !row.hidden && parent?.hidden) {
        parent.hidden = false;
        shown += 1;
      }
    });
    status.textContent = words.length ? finder.dataset.told.replace('{shown}', shown).replace('{all}', rows.length) : '';
  };
  input.addEventListener('input', find);
  finder.hidden = false;
  find();
}
