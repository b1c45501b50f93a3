// Shows of a record inside a form what its chosen kind uses, and what is filled in or wrong.
const show = select => {
  const uses = JSON.parse(select.dataset.shows), used = uses[select.value] || [], known = new Set(Object.values(uses).flat());
  for (const field of select.closest('[data-inline-record]').querySelectorAll('[name]')) {
    const name = field.name.split('-').pop(), isEmpty = !field.value || field.value === '__None';
    if (known.has(name)) field.closest('.field').hidden = !used.includes(name) && isEmpty && !field.hasAttribute('aria-invalid');
  }
};

const showAll = place => place.querySelectorAll('select[data-shows]').forEach(show);
showAll(document);
document.addEventListener('fields-added', event => showAll(event.target));
document.addEventListener('change', event => event.target.matches('select[data-shows]') && show(event.target));
