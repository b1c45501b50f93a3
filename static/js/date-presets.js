// Fills the two days of a date filter: today, the last days, this year. Which day it is, is the person's zone's to say.
const before = (today, days) => new Date(Date.parse(today) - days * 24 * 3600 * 1000).toISOString().slice(0, 10);
const firstDay = {
  today: today => today,
  year: today => `${today.slice(0, 4)}-01-01`,
  7: today => before(today, 6),
  30: today => before(today, 29),
};

for (const group of document.querySelectorAll('[data-date-presets]')) {
  const [from, to] = group.querySelectorAll('input[type=date]'), buttons = group.querySelectorAll('[data-preset]');
  const { today } = group.dataset;
  const matches = preset => from.value === firstDay[preset](today) && to.value === today;
  const show = () => buttons.forEach(button => button.setAttribute('aria-pressed', String(matches(button.dataset.preset))));
  buttons.forEach(button => button.addEventListener('click', () => {
    const isOn = button.getAttribute('aria-pressed') === 'true';
    from.value = isOn ? '' : firstDay[button.dataset.preset](today);
    to.value = isOn ? '' : today;
    show();
  }));
  group.addEventListener('input', show);
  show();
}
