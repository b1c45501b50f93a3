// Finds companies while the person types, and lets the arrow keys walk through them.
for (const picker of document.querySelectorAll('[data-companies]')) {
  const query = picker.querySelector('[data-companies-query]'), found = picker.querySelector('[data-companies-found]');
  const status = picker.querySelector('[data-companies-status]'), item = picker.querySelector('template').content.querySelector('a');
  const ended = picker.querySelector('[data-companies-ended]'), always = picker.querySelector('[data-companies-always]');
  let waiting = 0, asked = null, wanted = null;

  const draw = companies => {
    found.replaceChildren(...companies.map(([id, name, number]) => {
      const link = item.cloneNode(true), label = link.querySelector('.grow');
      link.href = picker.dataset.chooseUrl + encodeURIComponent(id);
      label.textContent = label.title = name;
      link.lastElementChild.textContent = number === name ? '' : number;
      return link;
    }));
    if (!companies.length) status.textContent = status.dataset.none;
    else status.textContent = companies.length < Number(picker.dataset.most) ? '' : status.dataset.more;
  };

  const look = async () => {
    clearTimeout(waiting);
    asked?.abort();
    asked = new AbortController();
    const url = new URL(picker.dataset.lookupUrl, location.href);
    url.searchParams.set('query', query.value.trim());
    try {
      const answer = await fetch(url, { signal: asked.signal, redirect: 'manual', headers: { Accept: 'application/json' } });
      ended.hidden = answer.ok || ![0, 401].includes(answer.status);
      if (ended.hidden) draw(await answer.json());
      else { found.replaceChildren(); status.textContent = ''; }
    } catch (fault) {
      if (fault.name === 'AbortError') return;
      found.replaceChildren();
      status.textContent = status.dataset.failed;
    }
    found.inert = false;
    if (found.firstElementChild) wanted?.(found.firstElementChild);
    wanted = null;
  };

  // What was found for an older text is pale and cannot be chosen; a key pressed meanwhile waits for the answer.
  const later = () => {
    asked?.abort();
    wanted = null;
    found.inert = true;
    always.hidden = Boolean(query.value.trim());
    clearTimeout(waiting);
    waiting = setTimeout(look, 200);
  };
  const first = act => {
    if (!found.inert) { if (found.firstElementChild) act(found.firstElementChild); return; }
    wanted = act;
    look();
  };

  const walk = event => {
    const links = [...picker.querySelectorAll('.dropdown-menu a')].filter(link => link.checkVisibility() && !link.closest('[inert]'));
    const stops = [query, ...links], at = stops.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 }[event.key];
    if (next === undefined || at < 0 || (event.target === query && ['Home', 'End'].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'ArrowDown' && event.target === query && found.inert) first(link => link.focus());
    else stops[Math.max(0, Math.min(next, stops.length - 1))].focus();
  };

  query.addEventListener('input', later);
  query.addEventListener('keydown', event => {
    if (event.key === 'Enter' && query.value.trim()) first(link => link.click());
  });
  picker.querySelector('.dropdown-menu').addEventListener('keydown', walk, true);
  picker.addEventListener('shown.bs.dropdown', () => { query.focus(); if (!found.childElementCount) look(); });
}
