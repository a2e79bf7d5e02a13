// How long somebody has waited, or is being seen: the page says since when, and what the server's clock showed.
const OFTEN = 1000;
const MINUTE = 60_000;

// Gives how to write it anew after a part of `place` has been put there anew.
export function startClock(place) {
  if (!place?.dataset.now) return () => {};
  const words = place.dataset;
  const ahead = Date.parse(words.now) - Date.now();

  function lasting(since) {
    const minutes = Math.floor((Date.now() + ahead - Date.parse(since)) / MINUTE);
    if (minutes < 1) return words.less;
    const text = minutes < 60 ? words.minutes : words.hours;
    return text.replace("{h}", Math.floor(minutes / 60)).replace("{m}", minutes % 60);
  }

  function show() {
    for (const one of place.querySelectorAll("[data-since]")) {
      const text = lasting(one.dataset.since);
      if (one.textContent !== text) one.textContent = text;
    }
  }

  show();
  setInterval(show, OFTEN);
  return show;
}
