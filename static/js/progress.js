// Follows work in the background and reloads the page when it has ended.
for (const place of document.querySelectorAll('[data-progress-url]')) {
  const bar = place.querySelector('[data-progress-bar]'), text = place.querySelector('[data-progress-text]'), said = place.querySelector('[data-progress-note]');
  const follow = async () => {
    try {
      const answer = await fetch(place.dataset.progressUrl, { headers: { Accept: 'application/json' } });
      if (answer.redirected || (answer.status >= 400 && answer.status < 500)) return;
      if (answer.ok) {
        const { done, total, is_ended: isEnded, text: words, note } = await answer.json();
        if (isEnded) { location.reload(); return; }
        text.textContent = words;
        if (said) said.textContent = note;
        bar.value = total ? done / total : 0;
      }
    } catch { /* the next look may reach the server again */ }
    setTimeout(follow, 1500);
  };
  setTimeout(follow, 1000);
}
