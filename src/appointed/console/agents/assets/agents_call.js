// The meeting beside an appointment: it takes over what changes while the call goes on.
import { converse, moderation } from "./meeting.js";

// `refresh` asks the server how things stand.
export function attend(section, refresh) {
  const frame = section?.querySelector("iframe");
  if (!frame) return null;
  const joined = JSON.parse(section.dataset.meeting);
  let { digest } = joined;
  const tell = converse(frame, (told) => moderators.hear(told));
  const moderators = moderation(tell, refresh);
  const changed = document.getElementById("settings-changed");

  function take(now) {
    moderators.want(now.moderated ?? {});
    if (now.digest !== digest) {
      digest = now.digest;
      tell("overwrite-config", now.live);
    }
    // The token and the way in count from the next joining on: a call is not interrupted, the agent decides.
    changed.hidden = now.joining === joined.joining;
  }

  take(joined);
  return take;
}
