// A link that is a button answers to Space as well.
document.addEventListener('keydown', event => {
  if (event.key !== ' ' || !event.target.matches('a[role=button]')) return;
  event.preventDefault();
  event.target.click();
});
