// Turns selects and look-up inputs into fields that search while the person types.
const tagged = { select: 'select[data-role=select2]', lookup: '[data-chooser], input[data-role=select2-ajax]', tags: 'input[data-role=select2-tags]' };

const pair = ([value, text]) => ({ value: String(value), text: String(text) });

const known = input => {
  const json = JSON.parse(input.dataset.chosen || input.dataset.json || '[]');
  return json.length && !Array.isArray(json[0]) ? [pair(json)] : json.map(pair);
};

const lookup = input => {
  const url = input.dataset.chooser || input.dataset.url, isMany = Boolean((input.dataset.chooser && !('single' in input.dataset)) || input.dataset.multiple);
  const least = Number(input.dataset.minimumInputLength || 1), chosen = known(input);
  const missing = input.value.split(',').filter(value => value && !chosen.some(option => option.value === value));
  let answered = '';
  if (input.type === 'hidden') input.type = 'text';
  return {
    isAwaiting: query => query !== '' && query !== answered,
    options: [...chosen, ...missing.map(value => pair([value, value]))],
    maxItems: isMany ? null : 1,
    delimiter: input.dataset.separator || ',',
    placeholder: input.placeholder || input.dataset.placeholder,
    shouldLoad: query => query.length >= least,
    score: () => () => 1,
    async load(query, done) {
      const address = new URL(url, location.href);
      address.searchParams.set('query', query);
      let found = [];
      try {
        const answer = await fetch(address, { headers: { Accept: 'application/json' } });
        if (answer.ok) found = (await answer.json()).map(pair);
      } catch { /* nothing is found */ }
      if (this.inputValue() !== query) return done();
      answered = query;
      this.clearOptions();
      done(found);
    },
  };
};

const words = document.querySelector('template[data-chooser-words]');

// What was typed and not chosen stays and is told, or is chosen where nothing else can be meant.
const keepTyped = (chooser, isAwaiting) => {
  const { control_input: input, wrapper, close } = chooser, told = words.content.firstElementChild.cloneNode(true);
  const tell = text => {
    told.lastElementChild.textContent = text;
    input.setCustomValidity(text);
    wrapper.classList.toggle('is-invalid', text !== '');
    if (text) wrapper.after(told);
    else told.remove();
  };
  chooser.hook('instead', 'close', (empties = true) => {
    const typed = chooser.inputValue();
    if (!empties || chooser.isFocused || typed === '') return close.call(chooser, empties);
    const found = isAwaiting?.(typed) ? [] : chooser.search(typed).items.filter(({ id }) => !chooser.items.includes(id));
    if (found.length === 1) return chooser.addItem(found[0].id);
    close.call(chooser, false);
    tell(words.dataset.unchosen.replace('{typed}', typed));
  });
  chooser.on('item_add', () => tell(''));
  input.addEventListener('input', () => tell(''));
};

const settings = field => {
  const render = { no_results: (_data, escape) => `<div class="no-results">${escape(words.dataset.nothingFound)}</div>` };
  const shared = { render, valueField: 'value', labelField: 'text', searchField: ['text', 'value'], create: false, persist: true, hideSelected: false, maxOptions: 500, refreshThrottle: 0 };
  if (field.matches(tagged.lookup)) return { ...shared, ...lookup(field) };
  if (field.matches(tagged.tags)) return { ...shared, create: true, delimiter: field.dataset.separator || ',' };
  return { ...shared, allowEmptyOption: field.dataset.allowBlank === '1' };
};

const enhance = field => {
  if (field.tomselect || field.closest('template')) return;
  const options = settings(field);
  const isMany = field.multiple || options.maxItems !== 1;
  const described = field.getAttribute('aria-describedby');
  const chooser = new window.TomSelect(field, { ...options, plugins: isMany && field.tagName === 'INPUT' || field.multiple ? ['remove_button'] : [] });
  if (!options.create) keepTyped(chooser, options.isAwaiting);
  chooser.dropdown_content.setAttribute('aria-label', chooser.control_input.getAttribute('aria-label') || field.labels?.[0]?.textContent.trim() || '');
  // Enter must not take what an earlier question has found.
  chooser.control_input.addEventListener('keydown', event => {
    if (event.key === 'Enter' && options.isAwaiting?.(chooser.inputValue())) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  // At the end of a drawer the list would open below what is seen.
  for (const grown of ['dropdown_open', 'load']) chooser.on(grown, () => chooser.isOpen && chooser.dropdown.scrollIntoView({ block: 'nearest' }));
  field.setAttribute('aria-hidden', 'true');
  if (described) chooser.control_input.setAttribute('aria-describedby', described);
  if (field.getAttribute('aria-invalid')) chooser.control_input.setAttribute('aria-invalid', 'true');
};

const enhanceAll = place => place.querySelectorAll(Object.values(tagged).join()).forEach(enhance);
enhanceAll(document);
document.addEventListener('fields-added', event => enhanceAll(event.target));
