// A drawer that was asked for before its script was there opens when it is, and leaves the address as it was.
{
  const openers = [...document.querySelectorAll('[data-bs-toggle="offcanvas"]')];
  const asked = location.hash && openers.find(opener => opener.hash === location.hash);
  if (asked) {
    history.replaceState(history.state, '', location.pathname + location.search);
    asked.click();
  }
}
