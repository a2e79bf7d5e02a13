"""A meeting server for browsers: a page that plays Jitsi's part in a frame, by the messages of its IFrame API."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = rb"""<!doctype html><html lang="en"><title>Meeting</title>
<style>body { color: #fff; background: #1d2b3a; font-family: sans-serif; text-align: center; padding-top: 20vh }</style>
<h1>Meeting</h1><p id="room"></p><p id="told"></p><button id="hangup">Hang up</button>
<script>
const number = /[#&]jitsi_meet_external_api_id=(\d+)/.exec(location.hash);
const envelope = { postis: true, scope: number && "jitsi_meet_external_api_" + number[1] };
const say = (method, params) => parent.postMessage(JSON.stringify({ ...envelope, method, params }), "*");
const show = (id, text) => { document.getElementById(id).textContent = text; };
let ready = false;
const asking = setInterval(() => say("__ready__", "7"), 50);
addEventListener("message", (event) => {
  const told = JSON.parse(event.data);
  if (!told.postis || told.scope !== envelope.scope) return;
  if (told.method === "__ready__" && told.params === "7") {
    clearInterval(asking);
    ready = true;
    show("room", "In " + location.pathname.slice(1) + (location.hash.includes("jwt=") ? " with a token" : ""));
  } else if (told.method === "message" && told.params.data.name === "overwrite-config") {
    show("told", told.params.data.data[0].toolbarButtons.join(" "));
  }
});
document.getElementById("hangup").addEventListener("click", () => {
  say("message", { type: "event", data: { name: "video-conference-left", roomName: "x" } });
  say("message", { type: "event", data: { name: "video-ready-to-close" } });
});
</script></html>"""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def fake_meeting() -> Iterator[str]:
    """Serve it on loopback; gives its origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
