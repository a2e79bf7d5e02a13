// Hears from the server how things stand, by an event stream, or by asking now and then where none comes through.

const ASK_EVERY = 5000;

export function follow(address, tell, lose) {
  let timer = 0;
  let source = null;

  async function ask() {
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok && answer.status < 500 && answer.status !== 429) {
        // The link leads elsewhere now: the page itself says where.
        location.reload();
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      tell(await answer.json());
      listen();
    } catch {
      lose(true);
      timer = setTimeout(ask, ASK_EVERY);
    }
  }

  function listen() {
    source = new EventSource(address);
    source.addEventListener("open", () => lose(false));
    source.addEventListener("state", (event) => {
      lose(false);
      tell(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      lose(true);
      // Closed for good: the server did not answer with a stream. Otherwise the browser comes again by itself.
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(timer);
        timer = setTimeout(ask, ASK_EVERY);
      }
    });
  }

  listen();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
