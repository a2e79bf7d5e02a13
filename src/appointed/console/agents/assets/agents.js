// The agents' pages, made livelier: all plain actions work without this.
import { startClock } from "./agents_clock.js";
import { keepFresh } from "./agents_live.js";
import { startSound } from "./agents_sound.js";
import "./agents_zone.js";

const AT_ONCE = 2000;
// The session has ended, or is another one by now.
const UNKNOWN = [401, 403];

function submitOnChange() {
  for (const form of document.querySelectorAll("form[data-submits]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }
}

function offerCopies() {
  const said = document.getElementById("copied");
  for (const button of document.querySelectorAll("[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        return;
      }
      said.textContent = button.dataset.copied;
      button.classList.add("copied");
    });
  }
}

// Whoever types a time of their own means it.
function meanWhatIsTyped() {
  document.getElementById("own")?.addEventListener("input", () => {
    document.querySelector("input[name=slot][value=own]").checked = true;
  });
}

// A second press while the first is on its way would do the same twice, or be told of the first as of somebody else's.
function sendOnce() {
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    const said = new URLSearchParams(new FormData(form, event.submitter)).toString();
    const last = sent.get(form);
    if (last?.said === said && Date.now() - last.at < AT_ONCE) event.preventDefault();
    else sent.set(form, { said, at: Date.now() });
  });
}

// During a call messages and links are sent without leaving the page, which would mean leaving the call.
function sendBesideCall() {
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-sends]");
    if (!form || !document.querySelector("#meeting iframe")) return;
    if (event.defaultPrevented) return;
    event.preventDefault();
    const said = form.querySelector("[role=status]");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      // The page that asks to sign in keeps what was typed, and leads back into the call.
      if (UNKNOWN.includes(answer.status)) return form.submit();
      said.textContent = answer.ok ? form.dataset.sends : form.dataset.fails;
      if (!answer.ok) return;
      form.querySelector("textarea, input[type=text]").value = "";
      // The page stays: what is said next is said anew, also in the same words.
      if (form.elements.key) form.elements.key.value = `${Date.now()}.${Math.random()}`;
    } catch {
      said.textContent = form.dataset.fails;
    }
  });
}

// Says that this page is open, and shows who else has it open.
function bePresent() {
  const place = document.getElementById("present");
  if (!place) return;
  const tell = async () => {
    if (document.hidden) return;
    const body = new URLSearchParams({ token: place.dataset.token });
    try {
      const answer = await fetch(place.dataset.presence, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) return;
      const text = (await answer.text()).trim();
      if (text !== place.innerHTML.trim()) place.innerHTML = text;
    } catch {
      // The next time will do.
    }
  };
  tell();
  setInterval(tell, 10_000);
  document.addEventListener("visibilitychange", tell);
}

// Whoever is refused something hears why, and goes on from there: screen readers tell little of what a page comes with.
function goWhereItIsWrong() {
  const said = document.querySelector("main [role=alert]");
  if (said) said.tabIndex = -1;
  (said ?? document.querySelector("main [aria-invalid=true]"))?.focus();
}

submitOnChange();
goWhereItIsWrong();
offerCopies();
meanWhatIsTyped();
sendOnce();
sendBesideCall();
bePresent();
const sound = startSound(document.getElementById("sound"));
const live = document.getElementById("live");
keepFresh(live, sound, startClock(live));
