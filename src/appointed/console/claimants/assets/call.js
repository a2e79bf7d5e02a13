// The meeting in its frame. Jitsi tells and is told by messages in its own envelope (its IFrame API, commands
// and events); what another provider's frame says is not understood, and does no harm.

const page = document.getElementById("page");
const frame = document.getElementById("meeting");
const meeting = new URL(frame.src);
const READING = 20000;
const SCOPE = "jitsi_meet_external_api_0";

function send(method, params) {
  frame.contentWindow.postMessage(JSON.stringify({ postis: true, scope: SCOPE, method, params }), meeting.origin);
}

function read(event) {
  if (event.origin !== meeting.origin || event.source !== frame.contentWindow) return null;
  try {
    const told = JSON.parse(event.data);
    return told.postis && told.scope === SCOPE ? told : null;
  } catch {
    return null;
  }
}

function leave() {
  frame.remove();
  document.getElementById("foot").remove();
  const left = document.getElementById("left");
  left.hidden = false;
  document.getElementById("left-title").focus();
}

addEventListener("message", (event) => {
  const told = read(event);
  if (!told) return;
  if (told.method === "__ready__") {
    send("__ready__", told.params);
  } else if (told.method === "message" && told.params?.data?.name === "video-ready-to-close") {
    leave();
  }
});

page.addEventListener("state", (event) => {
  const state = event.detail;
  document.getElementById("consent").hidden = !state.asks_consent;
  if (!state.meeting || !frame.isConnected) return;
  if (state.meeting.joining !== page.dataset.joining) {
    // What the token or the way in says counts from the next joining on.
    location.reload();
  } else if (state.meeting.digest !== page.dataset.switches) {
    page.dataset.switches = state.meeting.digest;
    send("message", { type: "event", data: { name: "overwrite-config", data: [state.meeting.live] } });
    const changed = document.getElementById("changed");
    changed.hidden = false;
    setTimeout(() => {
      changed.hidden = true;
    }, READING);
  }
});
