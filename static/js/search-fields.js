// "All" and "Default" in the menu of search fields; a changed choice is remembered for the person.
for (const menu of document.querySelectorAll('[data-search-fields]')) {
  const boxes = [...menu.querySelectorAll('input[type=checkbox]')], defaults = menu.dataset.default.split(',');
  let waiting = 0;

  const tick = wanted => {
    boxes.forEach(box => { box.checked = wanted(box); });
    menu.dispatchEvent(new Event('change'));
  };
  const remember = () => fetch(menu.dataset.rememberUrl, {
    method: 'POST',
    body: new URLSearchParams({ fields: menu.querySelector('input[name=fields]').value, csrf_token: menu.dataset.csrfToken }),
  }).catch(() => { /* The choice still goes along with the search itself. */ });

  menu.querySelector('[data-fields-all]').addEventListener('click', () => tick(() => true));
  menu.querySelector('[data-fields-default]').addEventListener('click', () => tick(box => defaults.includes(box.value)));
  menu.addEventListener('change', () => { clearTimeout(waiting); waiting = setTimeout(remember, 600); });
}
