// Fills the two days of a date filter: today, the last days, this year.
const iso = day => `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`;
const today = new Date();
const firstDay = {
  today: () => today,
  year: () => new Date(today.getFullYear(), 0, 1),
  7: () => new Date(today.getFullYear(), today.getMonth(), today.getDate() - 6),
  30: () => new Date(today.getFullYear(), today.getMonth(), today.getDate() - 29),
};

for (const group of document.querySelectorAll('[data-date-presets]')) {
  const [from, to] = group.querySelectorAll('input[type=date]'), buttons = group.querySelectorAll('[data-preset]');
  const matches = preset => from.value === iso(firstDay[preset]()) && to.value === iso(today);
  const show = () => buttons.forEach(button => button.setAttribute('aria-pressed', String(matches(button.dataset.preset))));
  buttons.forEach(button => button.addEventListener('click', () => {
    const isOn = button.getAttribute('aria-pressed') === 'true';
    from.value = isOn ? '' : iso(firstDay[button.dataset.preset]());
    to.value = isOn ? '' : iso(today);
    show();
  }));
  group.addEventListener('input', show);
  show();
}
