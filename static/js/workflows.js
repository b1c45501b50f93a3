// Starts workflows and follows them in place: in the drawer over an order, which loads their page, or on that page itself.
const EVERY = 1500;

for (const place of document.querySelectorAll('[data-workflows]')) {
  const url = place.dataset.workflows, drawer = place.closest('.offcanvas');
  let timer, hasSent = false;

  const load = async (address, options) => {
    const answer = await fetch(address, { ...options, headers: { 'X-Part': 'workflows' } }).catch(() => null);
    return answer && new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-workflows]');
  };
  const show = page => {
    if (page) place.replaceChildren(...page.childNodes);
    else location.assign(url); // signed out, or the server is away: the page says so
    watch();
  };
  const watch = () => {
    clearTimeout(timer);
    if (place.querySelector('[data-open]')) timer = setTimeout(refresh, EVERY);
  };
  const refresh = async () => {
    const page = await load(url), runs = place.querySelector('[data-runs]');
    if (!page) return location.assign(url);
    for (const run of page.querySelectorAll('[data-runs] > li')) {
      const shown = runs.querySelector(`#${run.id}`);
      if (!shown) runs.prepend(run);
      else if (shown.textContent !== run.textContent) shown.replaceWith(run);
    }
    watch();
  };

  place.addEventListener('submit', async event => {
    event.preventDefault();
    const form = event.target, action = form.getAttribute('action');
    if (form.ariaBusy) return;
    form.ariaBusy = 'true';
    hasSent = true;
    show(await load(action, { method: 'POST', body: new FormData(form) }));
    (place.querySelector(`form[action="${CSS.escape(action)}"] button`) ?? place.querySelector('button'))?.focus();
  });
  place.addEventListener('click', async event => {
    if (!event.target.closest('[data-workflows-reload]')) return;
    event.preventDefault();
    show(await load(url));
  });
  drawer?.addEventListener('show.bs.offcanvas', async () => show(await load(url)));
  drawer?.addEventListener('hidden.bs.offcanvas', () => {
    clearTimeout(timer);
    if (hasSent) location.reload(); // the order under the drawer has another version and history now
  });
  watch();
}
