// Every page of a claimant: shows their own time zone, and goes along when the appointment moves.

import { follow } from "./live.js";

const page = document.getElementById("page");
// A form on its way, or a page that is read anew: reading once more would take back what was sent.
let isGoing = false;

function part(id) {
  return document.getElementById(id);
}

function showZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const address = new URL(location.href);
  if (!zone || zone === page.dataset.zone || address.searchParams.has("zone")) return;
  address.searchParams.set("zone", zone);
  location.replace(address);
}

function showPlace(place) {
  if (!part("place")) return;
  const next = part("next");
  const line = part("place");
  next.hidden = place !== 1;
  line.hidden = place <= 1;
  const text = line.dataset.text.replace("#", String(place));
  if (line.textContent !== text) line.textContent = text;
}

function showMessages(messages) {
  const list = part("messages");
  if (!list) return;
  const known = messages.findIndex((one) => one.id === list.dataset.last) + 1;
  const fresh = messages.slice(known);
  for (const one of fresh) {
    const item = document.createElement("li");
    const at = document.createElement("span");
    at.className = "quiet small number";
    at.textContent = one.at;
    const text = document.createElement("p");
    text.className = "lines";
    text.dir = "auto";
    text.textContent = one.text;
    item.append(at, text);
    list.append(item);
  }
  if (!fresh.length) return;
  list.dataset.last = fresh[fresh.length - 1].id;
  const none = part("no-messages");
  if (none) none.hidden = true;
}

// That the time changed is said on the page that comes next; where nothing can be kept, the page still shows it.
function keepMoved(when) {
  try {
    sessionStorage.setItem("moved", when);
  } catch {
    // Storage is forbidden.
  }
}

function showMoved() {
  const notice = part("moved");
  try {
    if (notice && sessionStorage.getItem("moved") === page.dataset.when) notice.hidden = false;
    // The next who sits down here is told of their own changes alone.
    sessionStorage.removeItem("moved");
  } catch {
    // Storage is forbidden.
  }
}

function tell(state) {
  if (isGoing) return;
  // A page that shows times is read anew when they are others.
  const { when = state.when } = page.dataset;
  if (state.page !== page.dataset.page || state.when !== when) {
    isGoing = true;
    if (state.when !== when && state.when) keepMoved(state.when);
    location.reload();
    return;
  }
  showPlace(state.place);
  showMessages(state.messages);
  page.dispatchEvent(new CustomEvent("state", { detail: state }));
}

function lose(is) {
  const notice = part("lost");
  if (notice) notice.hidden = !is;
}

async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // A phone that saves its battery goes to sleep all the same.
  }
}

addEventListener("submit", () => {
  isGoing = true;
});
addEventListener("pageshow", () => {
  isGoing = false;
});
showZone();
showMoved();
if (page.dataset.page === "wait") {
  stayAwake();
  document.addEventListener("visibilitychange", stayAwake);
}
follow(page.dataset.live, tell, lose);
if (page.dataset.opensIn) {
  // Longer times overflow a timer; nobody keeps a page open for weeks.
  const wait = Math.min(Number(page.dataset.opensIn) * 1000 + 1000, 2 ** 31 - 1);
  setTimeout(() => location.reload(), wait);
}
