// Goes to the address of the chosen option.
for (const select of document.querySelectorAll('[data-go-to-choice]')) {
  select.addEventListener('change', () => location.assign(select.value));
}
