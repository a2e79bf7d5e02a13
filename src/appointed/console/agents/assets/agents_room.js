// The page of an agent's link: into the meeting, along with what changes, and on to where it ends.
import "./call.js";
import { follow } from "./live.js";

const page = document.getElementById("page");

function tell(state) {
  if (state.page === page.dataset.page) page.dispatchEvent(new CustomEvent("state", { detail: state }));
  else location.reload();
}

function lose(is) {
  document.getElementById("lost").hidden = !is;
}

async function ask() {
  try {
    const answer = await fetch(page.dataset.live, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.ok) tell(await answer.json());
  } catch {
    // The stream tells as soon as it is there again.
  }
}

page.addEventListener("doubt", ask);
follow(page.dataset.live, tell, lose);
