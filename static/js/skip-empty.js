// Leaves inputs without a value out of the address that a form goes to, but for those that an open view fills.
for (const form of document.querySelectorAll('[data-skip-empty]')) {
  form.addEventListener('formdata', event => {
    const kept = form.dataset.skipEmpty.split(' ');
    for (const name of new Set(event.formData.keys())) {
      if (kept.includes(name)) continue;
      const values = event.formData.getAll(name).filter(value => value !== '');
      event.formData.delete(name);
      values.forEach(value => event.formData.append(name, value));
    }
  });
}
