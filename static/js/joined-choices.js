// Keeps the values of ticked boxes in one comma-joined hidden input.
for (const group of document.querySelectorAll('[data-joined]')) {
  const joined = group.querySelector('input[type=hidden]'), count = group.querySelector('[data-joined-count]');
  group.addEventListener('change', () => {
    const values = [...group.querySelectorAll('input[type=checkbox]:checked')].map(box => box.value);
    joined.value = values.join(',');
    if (count) count.textContent = String(values.length);
  });
}
