// Keys of the order editor: saving, walking down a column of the lines, moving a line.
const form = document.getElementById('editor');
const send = deed => form.dispatchEvent(new CustomEvent('editor-send', { detail: deed }));

const walk = (field, isBack) => {
  const row = field.closest('tr'), column = field.id.split('-').at(-1);
  let next = row;
  do next = isBack ? next.previousElementSibling : next.nextElementSibling; while (next && !next.querySelector(`[id$="-${column}"]`));
  const there = next?.querySelector(`[id$="-${column}"]`) ?? (isBack ? null : document.getElementById('add-words'));
  there?.focus();
  there?.select?.();
};

document.addEventListener('keydown', event => {
  const isSave = (event.ctrlKey || event.metaKey) && (event.key === 's' || event.key === 'Enter');
  if (isSave && !document.querySelector('dialog:modal')) {
    event.preventDefault();
    send('save');
  }
});
// Opening a note hides what was pressed.
form.addEventListener('click', event => {
  const note = event.target.closest('summary')?.closest('.l-note:not([open])');
  if (note) requestAnimationFrame(() => note.querySelector('textarea').focus());
});
form.addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.defaultPrevented && event.target.dataset.enter) {
    event.preventDefault();
    return send(event.target.dataset.enter);
  }
  const row = event.target.closest('.edit-lines tbody tr');
  if (!row || event.defaultPrevented) return;
  if (event.altKey && ['ArrowUp', 'ArrowDown'].includes(event.key)) {
    event.preventDefault();
    send(`${event.key === 'ArrowUp' ? 'up' : 'down'}:${row.dataset.key}`);
  } else if (event.key === 'Enter' && event.target.matches('input') && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    walk(event.target, event.shiftKey);
  }
});
