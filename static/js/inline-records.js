// Adds and removes records inside another record's form.
const nextPosition = list => 1 + Math.max(-1, ...[...list.children].map(record => Number(record.id.split('-').pop()) || 0));

const add = button => {
  const holder = button.closest('[data-inline-records]'), list = holder.querySelector(':scope > [data-inline-list]');
  const record = holder.querySelector(':scope > template').content.firstElementChild.cloneNode(true);
  const prefix = `${holder.dataset.inlineRecords}-${nextPosition(list)}`;
  const named = part => (part ? `${prefix}-${part}` : prefix);
  record.id = prefix;
  record.querySelectorAll('[name]').forEach(field => { field.id = named(field.id); field.name = named(field.name); });
  record.querySelectorAll('label[for]').forEach(label => { label.htmlFor = named(label.htmlFor); });
  list.append(record);
  record.dispatchEvent(new Event('fields-added', { bubbles: true }));
  record.querySelector('input:not([type=hidden]), select, textarea')?.focus();
};

document.addEventListener('click', event => {
  const adder = event.target.closest('[data-add-inline]'), remover = event.target.closest('[data-remove-inline]');
  if (adder) add(adder);
  if (remover) {
    const holder = remover.closest('[data-inline-records]');
    remover.closest('[data-inline-record]').remove();
    holder.querySelector(':scope > [data-add-inline]').focus();
  }
});
