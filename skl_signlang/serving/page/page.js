// The page: images to the server that sent it, letters from there.

import { Letters, NONE } from "./letters.js";
import { preferredLanguage, speak, text } from "./texts.js";

const FRAME_MILLISECONDS = 1000 / 15;
const LEAST_PROBABILITY = 0.5; // of a letter of a frame
const MOST_SIDE = 320; // pixels of a frame that is sent
const RETRY_MILLISECONDS = 1000;

const part = (id) => document.getElementById(id);
const [video, photo, crop, letterBox, bars, word] =
  ["video", "photo", "crop", "letter", "bars", "word"].map(part);
const letters = new Letters();
const canvas = document.createElement("canvas");
let stream = null;
let apiKey = "";

// --- what is said -----------------------------------------------------------------

function complain(message) {
  if (part("problem").textContent !== message) part("problem").textContent = message;
}

function announce(message) {
  part("status").textContent = message;
}

/** Let something change the text, which the user may have changed by hand. */
function edit(change) {
  const before = word.value;
  letters.text = before;
  change();
  if (letters.text === before) return;
  word.value = letters.text;
  word.scrollTop = word.scrollHeight;
  const last = letters.text.at(-1);
  const isLetter = letters.text.length > before.length && last !== " ";
  announce(isLetter ? text("added", { letter: last }) : "");
}

function show(reading) {
  const name = (letter) => (letter === NONE ? text("none") : letter);
  letterBox.textContent = name(reading.letter);
  crop.src = reading.crop;
  crop.alt = text("crop");
  crop.hidden = false;
  bars.replaceChildren(
    ...reading.top.map(({ letter, probability }) => {
      const row = document.createElement("li");
      const [label, share] = [document.createElement("span"), document.createElement("span")];
      const meter = document.createElement("meter");
      label.textContent = letter;
      share.textContent = `${Math.round(100 * probability)} %`;
      meter.value = probability;
      meter.setAttribute("aria-hidden", "true");
      row.append(label, meter, share);
      return row;
    }),
  );
}

// --- the server -------------------------------------------------------------------

/** Have an image read; null, with the reason on the page, if it was not. */
async function read(image) {
  const form = new FormData();
  form.append("image", image, image.name ?? "camera");
  const headers = apiKey ? { "X-API-Key": apiKey } : {};
  let answer;
  let body;
  try {
    answer = await fetch("predict?crop=true", { method: "POST", body: form, headers });
    body = await answer.json();
  } catch {
    complain(text("noAnswer"));
    return null;
  }
  part("key-form").hidden = answer.status !== 401;
  if (answer.ok) {
    complain("");
    return body.predictions[0];
  }
  const known = { 401: "wrongKey", 429: "busyServer", 503: "busyServer" };
  const key = known[answer.status] ?? "refusedImage";
  complain(text(key, { reason: body.error }));
  return null;
}

async function readFiles(files) {
  closeCamera();
  for (const file of files) {
    URL.revokeObjectURL(photo.src);
    photo.src = URL.createObjectURL(file);
    photo.alt = file.name;
    photo.hidden = false;
    part("hint").hidden = true;
    const reading = await read(file);
    if (!reading) return;
    show(reading);
    if (reading.letter !== NONE) edit(() => letters.write(reading.letter));
  }
}

// --- the camera -------------------------------------------------------------------

async function openCamera() {
  complain("");
  if (!window.isSecureContext || !navigator.mediaDevices) {
    complain(text("insecure"));
    return;
  }
  try {
    const wishes = { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } };
    stream = await navigator.mediaDevices.getUserMedia({ video: wishes, audio: false });
  } catch (error) {
    const reasons = { NotAllowedError: "refused", NotFoundError: "noCamera" };
    complain(text(reasons[error.name] ?? "busyCamera"));
    return;
  }
  stream.getVideoTracks()[0].addEventListener("ended", () => {
    closeCamera();
    complain(text("lostCamera"));
  });
  video.srcObject = stream;
  showCamera(true);
  await video.play();
  letters.clear();
  watch(stream);
}

function closeCamera() {
  if (!stream) return;
  for (const track of stream.getTracks()) track.stop();
  stream = null;
  video.srcObject = null;
  showCamera(false);
}

function showCamera(isOpen) {
  video.hidden = part("frame").hidden = !isOpen;
  part("hint").hidden = isOpen;
  photo.hidden = true;
  const button = part("camera");
  button.setAttribute("aria-pressed", String(isOpen));
  button.dataset.text = isOpen ? "closeCamera" : "openCamera";
  button.textContent = text(button.dataset.text);
}

/** Have one frame after the other read, never two at a time. */
async function watch(source) {
  while (stream === source) {
    const start = performance.now();
    const frame = await takeFrame();
    const reading = frame && (await read(frame));
    if (stream !== source) return;
    if (reading) {
      show(reading);
      edit(() => letters.push(likely(reading), start / 1000));
    }
    const pause = reading ? FRAME_MILLISECONDS : RETRY_MILLISECONDS;
    await wait(Math.max(0, pause - (performance.now() - start)));
  }
}

/** Tell the letter of a frame; a camera shows much that is none. */
function likely({ letter, probability }) {
  return probability < LEAST_PROBABILITY ? NONE : letter;
}

/** Cut the square in the center out of what the camera shows. */
function takeFrame() {
  const { videoWidth: width, videoHeight: height } = video;
  const side = Math.min(width, height);
  if (side === 0) return Promise.resolve(null);
  canvas.width = canvas.height = Math.min(side, MOST_SIDE);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  const target = [0, 0, canvas.width, canvas.height];
  canvas.getContext("2d").drawImage(video, left, top, side, side, ...target);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}

function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// --- the word ---------------------------------------------------------------------

async function copy() {
  try {
    await navigator.clipboard.writeText(word.value);
    announce(text("copied"));
  } catch {
    word.select(); // without HTTPS there is no clipboard
    announce(text("notCopied"));
  }
}

// --- what the user does -----------------------------------------------------------

function listen() {
  part("language").addEventListener("change", (event) => {
    speak(event.target.value);
    complain("");
    announce("");
  });
  part("camera").addEventListener("click", () => (stream ? closeCamera() : openCamera()));
  part("choose").addEventListener("click", () => part("file").click());
  part("file").addEventListener("change", async (event) => {
    await readFiles([...event.target.files]);
    event.target.value = ""; // so that the same file can be chosen again
  });
  part("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    apiKey = part("key").value;
    event.target.hidden = true;
    complain("");
  });
  part("space").addEventListener("click", () => edit(() => letters.space()));
  part("delete").addEventListener("click", () => edit(() => letters.delete()));
  part("copy").addEventListener("click", copy);
  const stage = part("stage");
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault(); // or the browser leaves the page for the image
      stage.classList.toggle("over", name === "dragover");
      if (name === "drop") readFiles([...event.dataTransfer.files]);
    });
  }
}

const language = preferredLanguage();
part("language").value = language;
speak(language);
listen();
