// Tells the server where the browser is, so that times are shown in its zone.
const PLACE = "Path=/agent-web; Max-Age=31536000; SameSite=Lax";

export function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const shown = document.querySelector("[data-zone]")?.dataset.zone;
  if (!zone || zone === shown) return;
  document.cookie = `appointed_zone=${zone}; ${PLACE}`;
  // Once, in case that the server knows no such zone; and not where somebody may be typing.
  if (shown === undefined || sessionStorage.getItem("zone") === zone || document.querySelector("[data-typed]")) return;
  sessionStorage.setItem("zone", zone);
  location.reload();
}

tellZone();
