// Keeps the changing part of a page fresh: told by the server's stream, and by the clock while there is none.
import { attend } from "./agents_call.js";

const SOON = 150;
const SELDOM = 20_000;
// A server that is being started again is asked again so soon.
const BACK = 5000;
const ENDED = 401;
// Gone, or to be seen no more: nobody is there whom something could be told. The page itself says which.
const GONE = [403, 404];

// A page that is read anew loses what somebody types into it.
function isTyping() {
  if (document.activeElement?.matches("textarea, input")) return true;
  return [...document.querySelectorAll("main form :is(textarea, input[type=text])")].some((one) => one.value.trim() !== "");
}

// What has the focus is found again by its id, else by what it does.
function keyOf(one) {
  return one.id || [one.tagName, one.getAttribute("href"), one.textContent.trim()].join(" ");
}

function focusAgain(place, key) {
  const found = [...place.querySelectorAll("a, button, summary")].find((one) => keyOf(one) === key);
  found?.focus({ preventScroll: true });
}

export function keepFresh(place, sound, count) {
  if (!place) return;
  const lost = document.getElementById("lost");
  const ended = document.getElementById("ended");
  let timer = null;
  let later = null;
  let shown = null;
  let isAsking = false;
  let isStale = false;
  const take = attend(document.getElementById("meeting"), () => soon());

  // Not a reload: what stands here may be the answer to a form.
  const again = () => location.assign(place.dataset.page);
  const waiting = () => new Set([...place.querySelectorAll("[data-waiting]")].map((one) => one.dataset.waiting));

  function announce(before) {
    const come = [...waiting()].filter((one) => !before.has(one));
    if (come.length === 0) return;
    const said = document.getElementById("said");
    if (said) said.textContent = come.length === 1 ? said.dataset.arrived : said.dataset.arrivedMany;
    sound.chime();
  }

  function put(text) {
    // What is the same stays: whoever reads it, or marks some of it, is not disturbed.
    if (text === shown) return;
    shown = text;
    const before = waiting();
    const focused = place.contains(document.activeElement) ? keyOf(document.activeElement) : "";
    const open = [...place.querySelectorAll("details[open]")].map((one) => one.id);
    place.innerHTML = text;
    count();
    for (const id of open) if (id) document.getElementById(id)?.setAttribute("open", "");
    if (focused) focusAgain(place, focused);
    announce(before);
  }

  // A call is not begun twice.
  function compareMeeting() {
    const one = place.querySelector("[data-status]");
    if (!one) return;
    if (Boolean(take) !== (one.dataset.status === "being_seen")) {
      if (!isTyping()) again();
      return;
    }
    if (one.dataset.meeting) take?.(JSON.parse(one.dataset.meeting));
  }

  async function refresh() {
    if (isAsking) {
      isStale = true;
      return;
    }
    isAsking = true;
    isStale = false;
    try {
      const answer = await fetch(place.dataset.piece, { headers: { "X-Requested-With": "fetch" } });
      const isEnded = answer.status === ENDED;
      if (GONE.includes(answer.status) || (isEnded && !(ended && isTyping()))) again();
      if (answer.ok) {
        put(await answer.text());
        compareMeeting();
      }
      if (ended) ended.hidden = !isEnded;
      if (lost) lost.hidden = answer.ok || isEnded;
      // A busy server is asked again before long.
      if (answer.status >= 500) retry(2000);
    } catch {
      if (lost) lost.hidden = false;
      retry(BACK);
    } finally {
      isAsking = false;
      if (isStale) soon();
    }
  }

  // Not put off by what comes meanwhile: where something moves all the time, a board would never be read anew.
  function soon() {
    timer ??= setTimeout(() => {
      timer = null;
      refresh();
    }, SOON);
  }

  // However often it is asked in vain: a server that is in trouble is not asked ever more often.
  function retry(pause) {
    later ??= setTimeout(() => {
      later = null;
      soon();
    }, pause);
  }

  function listen() {
    const after = place.dataset.after ? `&after=${encodeURIComponent(place.dataset.after)}` : "";
    const mark = place.dataset.stream.includes("?") ? "" : "?";
    const stream = new EventSource(place.dataset.stream + mark + after);
    stream.addEventListener("moved", soon);
    stream.addEventListener("again", soon);
    stream.addEventListener("error", () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      // Whoever is signed in no more learns it by asking.
      soon();
      setTimeout(listen, 5000);
    });
  }

  document.getElementById("settings-reload")?.addEventListener("click", again);
  if (place.dataset.stream) listen();
  setInterval(() => document.hidden || refresh(), SELDOM);
  document.addEventListener("visibilitychange", () => document.hidden || soon());
}
