// Leaves inputs without a value out of the address that a form goes to.
for (const form of document.querySelectorAll('[data-skip-empty]')) {
  form.addEventListener('formdata', event => {
    for (const name of new Set(event.formData.keys())) {
      const values = event.formData.getAll(name).filter(value => value !== '');
      event.formData.delete(name);
      values.forEach(value => event.formData.append(name, value));
    }
  });
}
