// Tells whoever has an order open what others do to it meanwhile: the server is asked as long as somebody looks.
const EVERY = 30_000, PAUSE = 10_000;

for (const place of document.querySelectorAll('[data-order-news]')) {
  let asked = Date.now(), hasEnded = false;
  const ask = async () => {
    if (hasEnded || document.hidden || Date.now() - asked < PAUSE) return;
    asked = Date.now();
    const answer = await fetch(place.dataset.orderNews, { headers: { 'X-Part': 'news' } }).catch(() => null);
    if (!answer) return;
    hasEnded = answer.redirected || (answer.status >= 400 && answer.status < 500); // signed out, or the order is not there any more
    if (answer.redirected || !(answer.ok || answer.status === 410)) return;
    const told = new DOMParser().parseFromString(await answer.text(), 'text/html').body.children;
    for (const [line, here] of [...place.children].entries()) {
      const there = told[line];
      if (here.textContent !== (there?.textContent ?? '')) here.replaceChildren(...there?.childNodes ?? []);
    }
  };
  addEventListener('focus', ask);
  document.addEventListener('visibilitychange', ask);
  setInterval(ask, EVERY);
}
