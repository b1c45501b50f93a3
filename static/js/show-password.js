// Shows what was typed in the password field, and hides it again.
for (const button of document.querySelectorAll('[data-show-password]')) {
  button.addEventListener('click', () => {
    const field = document.getElementById(button.dataset.showPassword), shows = field.type === 'password';
    field.type = shows ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shows));
  });
}
