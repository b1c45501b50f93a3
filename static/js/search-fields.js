// "All" and "Default" in the menu of search fields; a changed choice is remembered for the person.
for (const menu of document.querySelectorAll('[data-search-fields]')) {
  const boxes = [...menu.querySelectorAll('input[type=checkbox]')], defaults = menu.dataset.default.split(',');
  const none = menu.querySelector('[data-fields-none]'), unkept = menu.querySelector('[data-fields-unkept]');
  const text = menu.closest('form').querySelector('input[type=search]');

  const tick = wanted => {
    boxes.forEach(box => { box.checked = wanted(box); });
    menu.dispatchEvent(new Event('change'));
  };
  // Sent at once and kept alive, because the search that follows leaves the page.
  const remember = async () => {
    const body = new URLSearchParams({ fields: menu.querySelector('input[name=fields]').value, csrf_token: document.documentElement.dataset.csrfToken });
    try {
      unkept.hidden = (await fetch(menu.dataset.rememberUrl, { method: 'POST', keepalive: true, body })).ok;
    } catch { unkept.hidden = false; }
  };

  menu.querySelector('[data-fields-all]').addEventListener('click', () => tick(() => true));
  menu.querySelector('[data-fields-default]').addEventListener('click', () => tick(box => defaults.includes(box.value)));
  menu.addEventListener('change', () => {
    none.hidden = boxes.some(box => box.checked);
    text.setCustomValidity(none.hidden ? '' : none.textContent.trim());
    if (none.hidden) remember();
  });
}
