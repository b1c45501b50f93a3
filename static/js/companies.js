// Finds companies while the person types, and lets the arrow keys walk through them.
for (const picker of document.querySelectorAll('[data-companies]')) {
  const query = picker.querySelector('[data-companies-query]'), found = picker.querySelector('[data-companies-found]');
  const status = picker.querySelector('[data-companies-status]'), item = picker.querySelector('template').content.querySelector('a');
  let waiting = 0, asked = null;

  const draw = companies => {
    found.replaceChildren(...companies.map(([id, name, number]) => {
      const link = item.cloneNode(true), label = link.querySelector('.grow');
      link.href = picker.dataset.chooseUrl + encodeURIComponent(id);
      label.textContent = label.title = name;
      link.lastElementChild.textContent = number || '';
      return link;
    }));
    status.textContent = companies.length ? status.dataset.more : status.dataset.none;
  };

  const look = async () => {
    asked?.abort();
    asked = new AbortController();
    const url = new URL(picker.dataset.lookupUrl, location.href);
    url.searchParams.set('query', query.value.trim());
    try {
      const answer = await fetch(url, { signal: asked.signal, headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      draw(await answer.json());
    } catch (fault) {
      if (fault.name === 'AbortError') return;
      found.replaceChildren();
      status.textContent = status.dataset.failed;
    }
  };

  const walk = event => {
    const stops = [query, ...picker.querySelectorAll('.dropdown-menu a')], at = stops.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 }[event.key];
    if (next === undefined || at < 0 || (event.target === query && ['Home', 'End'].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    stops[Math.max(0, Math.min(next, stops.length - 1))].focus();
  };

  query.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(look, 200); });
  query.addEventListener('keydown', event => {
    if (event.key === 'Enter' && found.firstElementChild && query.value.trim()) found.firstElementChild.click();
  });
  picker.querySelector('.dropdown-menu').addEventListener('keydown', walk, true);
  picker.addEventListener('shown.bs.dropdown', () => { query.focus(); if (!found.childElementCount) look(); });
}
