// Chooses the days of a date filter. A preset stays what it is called: "-7d" is sent, and the fields show which days that is now.
// What cannot be read stays a text, to be mended.
const before = (today, days) => new Date(Date.parse(today) - days * 24 * 3600 * 1000).toISOString().slice(0, 10);
const day = (value, today, isFirst) => {
  if (value === 'today') return today;
  if (value === 'this-year') return today.slice(0, 4) + (isFirst ? '-01-01' : '-12-31');
  const ago = /^-(\d+)d$/.exec(value);
  return ago ? before(today, ago[1] - Number(isFirst)) : value;
};

for (const group of document.querySelectorAll('[data-date-presets]')) {
  const { today } = group.closest('[data-today]').dataset, buttons = group.querySelectorAll('[data-preset]');
  const hint = group.closest('fieldset').querySelector('[data-filter-hint]');
  // A preset is sent by a hidden field, which takes the name over from the one that shows the day.
  const [from, to] = [...group.querySelectorAll('input')].map((field, place) => {
    const { name, value: asked } = field, preset = document.createElement('input');
    preset.type = 'hidden';
    field.after(preset);
    const send = value => {
      field.name = value ? '' : name;
      preset.name = value ? name : '';
      preset.value = value;
    };
    const set = value => {
      const shown = day(value, today, place === 0);
      field.value = '';
      field.type = 'date';
      field.value = shown;
      send(shown === value ? '' : value);
    };
    field.addEventListener('input', () => { send(''); press(); });
    if (!field.matches('[aria-invalid]')) set(asked);
    return { asked, set, value: () => preset.value || field.value };
  });
  const press = () => {
    buttons.forEach(button => button.setAttribute('aria-pressed', String(from.value() === button.dataset.preset && !to.value())));
    if (hint) hint.hidden = [from, to].some(bound => bound.value() !== bound.asked);
  };
  buttons.forEach(button => button.addEventListener('click', () => {
    from.set(button.getAttribute('aria-pressed') === 'true' ? '' : button.dataset.preset);
    to.set('');
    press();
  }));
  press();
}
