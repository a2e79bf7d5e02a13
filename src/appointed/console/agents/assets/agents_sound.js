// A short chime when somebody arrives, made here so that nothing is loaded for it; off until it is switched on.
const KEPT = "appointed.sound";

export function startSound(button) {
  let context = null;
  const isOn = () => localStorage.getItem(KEPT) === "on";

  function wake() {
    context ??= new AudioContext();
    if (context.state === "suspended") context.resume();
  }

  function show() {
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isOn()));
    button.querySelector("span").textContent = isOn() ? button.dataset.on : button.dataset.off;
  }

  function chime() {
    if (!isOn()) return;
    wake();
    [660, 880].forEach((pitch, place) => {
      const begins = context.currentTime + place * 0.18;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, begins);
      volume.gain.exponentialRampToValueAtTime(0.25, begins + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, begins + 0.5);
      tone.connect(volume).connect(context.destination);
      tone.start(begins);
      tone.stop(begins + 0.55);
    });
    document.documentElement.dataset.chimes = String(Number(document.documentElement.dataset.chimes ?? 0) + 1);
  }

  button?.addEventListener("click", () => {
    localStorage.setItem(KEPT, isOn() ? "off" : "on");
    show();
    chime();
  });
  // Browsers let a page sound only after somebody has touched it.
  document.addEventListener("pointerdown", () => isOn() && wake(), { once: true });
  show();
  return { chime };
}
