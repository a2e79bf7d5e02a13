// Looks whether camera, microphone, speaker and connection are fit for a call; tells by showing ready texts.

const LOUD = 0.08;
// Enough samples to leave no gap between two looks.
const SAMPLES = 8192;
const PATIENCE = 6000;
const SLOW = 800;
const CAUSES = {
  NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none",
  NotReadableError: "busy", AbortError: "busy",
};

const checks = document.getElementById("checks");
const hasCamera = checks.dataset.camera === "on";
const live = document.getElementById("page").dataset.live;
const choices = { camera: "", microphone: "" };
let stopped = () => {};

function part(id) {
  return document.getElementById(id);
}

function say(id, state) {
  const section = part(id);
  section.dataset.state = state;
  for (const one of section.querySelectorAll("[data-say]")) {
    one.hidden = !one.dataset.say.split(" ").includes(state);
  }
}

async function open(kind, id) {
  if (!navigator.mediaDevices?.getUserMedia || !("RTCPeerConnection" in window)) throw new DOMException("", "Old");
  const wanted = choices[id] ? { deviceId: { exact: choices[id] } } : true;
  return navigator.mediaDevices.getUserMedia({ [kind]: wanted });
}

function causeOf(error) {
  return CAUSES[error.name] ?? (error.name === "Old" ? "old" : "busy");
}

async function offer(kind, id) {
  const found = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === kind);
  const select = part(`${id}-choice`);
  select.replaceChildren(...found.map((one) => new Option(one.label, one.deviceId, false, one.deviceId === choices[id])));
  select.parentElement.hidden = found.length < 2;
}

async function checkCamera() {
  if (!hasCamera) return [];
  const picture = part("camera").querySelector("video");
  say("camera", "running");
  picture.hidden = true;
  try {
    const stream = await open("video", "camera");
    picture.srcObject = stream;
    picture.hidden = false;
    say("camera", "good");
    await offer("videoinput", "camera");
    return stream.getTracks();
  } catch (error) {
    say("camera", causeOf(error));
    return [];
  }
}

function listen(stream, level) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  analyser.fftSize = SAMPLES;
  const samples = new Float32Array(SAMPLES);
  const began = performance.now();
  let heard = false;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const loudness = samples.reduce((loudest, one) => Math.max(loudest, Math.abs(one)), 0);
    level.value = Math.min(1, loudness * 1.5);
    if (!heard && loudness > LOUD) {
      heard = true;
      say("microphone", "good");
    } else if (!heard && performance.now() - began > PATIENCE && part("microphone").dataset.state === "listening") {
      say("microphone", "silent");
    }
  }, 100);
  return () => {
    clearInterval(timer);
    context.close();
  };
}

async function checkMicrophone() {
  const level = part("microphone").querySelector("meter");
  say("microphone", "running");
  level.hidden = true;
  try {
    const stream = await open("audio", "microphone");
    say("microphone", "listening");
    level.hidden = false;
    const end = listen(stream, level);
    await offer("audioinput", "microphone");
    return [...stream.getTracks(), { stop: end }];
  } catch (error) {
    say("microphone", causeOf(error));
    return [];
  }
}

async function checkConnection() {
  say("connection", "running");
  const times = [];
  try {
    for (let count = 0; count < 5; count += 1) {
      const began = performance.now();
      const answer = await fetch(live, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      await answer.arrayBuffer();
      times.push(performance.now() - began);
    }
    times.sort((one, other) => one - other);
    say("connection", times[2] > SLOW ? "slow" : "good");
  } catch {
    say("connection", "lost");
  }
}

async function check() {
  stopped();
  const again = part("again");
  again.hidden = false;
  // A button that is switched off would lose the focus, and whoever goes by keyboard their place.
  again.setAttribute("aria-disabled", "true");
  if (document.activeElement === part("start")) again.focus();
  part("start").hidden = true;
  const connection = checkConnection();
  // One after the other: browsers ask for one thing at a time, and people answer so.
  const open = [...(await checkCamera()), ...(await checkMicrophone())];
  stopped = () => open.forEach((one) => one.stop());
  await connection;
  again.removeAttribute("aria-disabled");
}

async function play() {
  try {
    const context = new AudioContext();
    const tone = context.createOscillator();
    const volume = context.createGain();
    const now = context.currentTime;
    tone.frequency.setValueAtTime(523, now);
    tone.frequency.setValueAtTime(659, now + 0.35);
    volume.gain.setValueAtTime(0.0001, now);
    volume.gain.exponentialRampToValueAtTime(0.25, now + 0.05);
    volume.gain.exponentialRampToValueAtTime(0.0001, now + 0.9);
    tone.connect(volume).connect(context.destination);
    tone.start(now);
    tone.stop(now + 0.95);
    tone.onended = () => context.close();
    say("speaker", "asked");
    part("heard").focus();
  } catch {
    say("speaker", "old");
  }
}

for (const one of document.querySelectorAll(".scripted")) one.hidden = false;
part("start").addEventListener("click", check);
part("again").addEventListener("click", () => part("again").hasAttribute("aria-disabled") || check());
part("play").addEventListener("click", play);
part("heard").addEventListener("click", () => {
  say("speaker", "good");
  part("play").focus();
});
part("not-heard").addEventListener("click", () => {
  say("speaker", "denied");
  part("play").focus();
});
for (const id of ["camera", "microphone"]) {
  part(`${id}-choice`)?.addEventListener("change", (event) => {
    choices[id] = event.target.value;
    check();
  });
}
addEventListener("pagehide", () => stopped());
