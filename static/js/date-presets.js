// Chooses the days of a date filter. A preset stays what it is called: "-7d" is sent, and the fields show which days that is now.
const before = (today, days) => new Date(Date.parse(today) - days * 24 * 3600 * 1000).toISOString().slice(0, 10);
const day = (value, today, isFirst) => {
  if (value === 'today') return today;
  if (value === 'this-year') return today.slice(0, 4) + (isFirst ? '-01-01' : '-12-31');
  const ago = /^-(\d+)d$/.exec(value);
  return ago ? before(today, ago[1] - Number(isFirst)) : value;
};

for (const group of document.querySelectorAll('[data-date-presets]')) {
  const { today } = group.dataset, buttons = group.querySelectorAll('[data-preset]');
  // What is sent stands in a hidden field of its own.
  const ends = [...group.querySelectorAll('input')].map((field, place) => {
    const sent = document.createElement('input');
    Object.assign(sent, { type: 'hidden', name: field.name, value: field.value });
    field.removeAttribute('name');
    field.after(sent);
    field.type = 'date';
    field.addEventListener('input', () => { sent.value = field.value; press(); });
    const set = value => { field.value = day(value, today, place === 0); sent.value = field.value && value; };
    set(sent.value);
    return { sent, set };
  });
  const [from, to] = ends;
  const press = () => buttons.forEach(button => button.setAttribute('aria-pressed', String(from.sent.value === button.dataset.preset && !to.sent.value)));
  buttons.forEach(button => button.addEventListener('click', () => {
    from.set(button.getAttribute('aria-pressed') === 'true' ? '' : button.dataset.preset);
    to.set('');
    press();
  }));
  press();
}
