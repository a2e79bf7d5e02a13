// A meeting in its frame. Jitsi tells and is told by messages in its own envelope (its IFrame API, commands and
// events); what another provider's frame says is not understood, and does no harm.

const SCOPE = "jitsi_meet_external_api_0";

// Hears what the meeting tells; gives how to tell it a command.
export function converse(frame, hear) {
  const { origin } = new URL(frame.src);

  function send(method, params) {
    frame.contentWindow?.postMessage(JSON.stringify({ postis: true, scope: SCOPE, method, params }), origin);
  }

  function read(event) {
    if (event.origin !== origin || event.source !== frame.contentWindow) return null;
    try {
      const told = JSON.parse(event.data);
      return told.postis && told.scope === SCOPE ? told : null;
    } catch {
      return null;
    }
  }

  addEventListener("message", (event) => {
    const told = read(event);
    if (!told) return;
    if (told.method === "__ready__") send("__ready__", told.params);
    else if (told.method === "message" && told.params?.data?.name) hear(told.params.data);
  });
  return (name, ...data) => send("message", { type: "event", data: { name, data } });
}

// Holds a meeting to the switches that only a moderator can enforce: `want` takes them by medium, true where
// nobody but moderators may send it. `doubt` is called when somebody else has let it go.
export function moderation(tell, doubt) {
  const moderators = new Set();
  let wanted = {};
  let done = {};
  let me = "";

  function apply() {
    if (!moderators.has(me)) return;
    for (const [medium, isOn] of Object.entries(wanted)) {
      if (done[medium] === isOn) continue;
      done[medium] = isOn;
      // The meeting server itself stops what others send already, where this is new to it.
      tell("toggle-moderation", isOn, medium);
    }
  }

  const hears = {
    "video-conference-joined": ({ id }) => {
      me = id;
      done = {};
    },
    "video-conference-left": () => {
      me = "";
      moderators.clear();
    },
    "participant-role-changed": ({ id, role }) => {
      if (role === "moderator") moderators.add(id);
      else moderators.delete(id);
      if (id === me && role !== "moderator") done = {};
    },
    "moderation-status-changed": ({ mediaType, enabled }) => {
      if (enabled || !wanted[mediaType] || !done[mediaType]) return;
      delete done[mediaType];
      doubt();
    },
  };

  return {
    want(next) {
      wanted = next;
      apply();
    },
    hear(told) {
      const hear = hears[told.name];
      if (!hear) return;
      hear(told);
      if (told.name !== "moderation-status-changed") apply();
    },
  };
}
