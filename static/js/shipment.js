// Fills in what is left of every line of a shipment, or empties all lines.
document.addEventListener('click', event => {
  const filler = event.target.closest('[data-fill]');
  if (!filler) return;
  document.querySelectorAll('[data-left]').forEach(field => { field.value = filler.dataset.fill === 'all' ? field.dataset.left : ''; });
});
