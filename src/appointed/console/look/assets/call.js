// A page that is nothing but a meeting in its frame: takes over what changes, and says when one has left.

import { converse, moderation } from "./meeting.js";

const page = document.getElementById("page");
const frame = document.getElementById("meeting");
const consent = document.getElementById("consent");
// Only some pages ask before they come in again: were both sides outside at once, the call would be over.
const offer = document.getElementById("rejoin");
const READING = 20000;

function leave() {
  frame.remove();
  document.getElementById("foot").remove();
  const left = document.getElementById("left");
  left.hidden = false;
  document.getElementById("left-title").focus();
}

const tell = converse(frame, (told) => {
  moderators.hear(told);
  if (told.name === "video-ready-to-close") leave();
});
const moderators = moderation(tell, () => page.dispatchEvent(new Event("doubt")));

offer?.querySelector("button").addEventListener("click", () => location.reload());
page.addEventListener("state", (event) => {
  const state = event.detail;
  if (consent) consent.hidden = !state.asks_consent;
  if (!state.meeting || !frame.isConnected) return;
  // What the token or the way in says counts from the next joining on.
  const isOther = state.meeting.joining !== page.dataset.joining;
  if (offer) {
    offer.hidden = !isOther;
  } else if (isOther) {
    location.reload();
    return;
  }
  moderators.want(state.meeting.moderated ?? {});
  if (state.meeting.digest !== page.dataset.switches) {
    page.dataset.switches = state.meeting.digest;
    tell("overwrite-config", state.meeting.live);
    const changed = document.getElementById("changed");
    changed.hidden = Boolean(offer) && isOther;
    setTimeout(() => {
      changed.hidden = true;
    }, READING);
  }
});
