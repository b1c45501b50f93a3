// Adds, changes and removes the rows of the filters of a record list.
for (const form of document.querySelectorAll('[data-filter-form]')) {
  const rows = form.querySelector('[data-filter-rows]'), acts = form.querySelector('[data-filter-acts]');
  const chooser = document.querySelector('[data-add-filter]');
  const copy = selector => form.querySelector(selector).content.firstElementChild.cloneNode(true);
  const refresh = () => { rows.hidden = !rows.childElementCount; };

  chooser.addEventListener('change', () => {
    if (!chooser.value) return;
    const row = copy(`template[data-filter-row="${chooser.value}"]`);
    rows.append(row);
    chooser.value = '';
    acts.hidden = false;
    refresh();
    row.dispatchEvent(new Event('fields-added', { bubbles: true }));
    row.querySelector('input:not([tabindex="-1"]), select:last-of-type').focus();
  });
  rows.addEventListener('change', event => {
    if (!event.target.matches('[data-filter-operation]')) return;
    const old = event.target.parentElement.querySelector('[name]'), fresh = copy(`template[data-filter-value="${event.target.value}"]`);
    if (fresh.localName === old.localName && fresh.type === old.type) fresh.value = old.value;
    old.replaceWith(fresh);
  });
  rows.addEventListener('click', event => {
    const remover = event.target.closest('[data-remove-filter]');
    if (!remover) return;
    remover.closest('.filter-row').remove();
    acts.hidden = false;
    refresh();
    chooser.focus();
  });
}
