// The page: frames and images to the server that sent it, letters from there.

import { Camera } from "./camera.js";
import { Connection } from "./connection.js";
import { startLanguages, text } from "./languages.js";
import { NONE, Spelling } from "./spelling.js";
import { remember } from "./storage.js";
import { TEXTS } from "./texts.js";

const part = (id) => document.getElementById(id);
const [photo, crop, letterBox, bars, word] =
  ["photo", "crop", "letter", "bars", "word"].map(part);
const spelling = new Spelling();
const camera = new Camera(part("video"), part("hand"));
const connection = new Connection(hear, (reason) => complain(reason));
let problem = null;

// --- what is said -----------------------------------------------------------------

/** Say what went wrong, in the words of texts.js, beside no letter that is old. */
function complain(key, values = {}) {
  problem = key && { key, values };
  const message = key ? text(key, values) : "";
  if (part("problem").textContent !== message) part("problem").textContent = message;
  if (key === "wrongKey") part("key-form").hidden = false;
  if (key) forget();
}

function announce(message) {
  part("status").textContent = message;
}

function forget() {
  letterBox.textContent = "–";
  part("model").textContent = "";
  bars.replaceChildren();
  crop.hidden = part("crop-caption").hidden = true;
  camera.draw(null);
}

/** Let something change the text, which the user may have changed by hand. */
function edit(change) {
  const before = word.value;
  spelling.text = before;
  change();
  showText();
  if (spelling.text === before) return;
  const last = spelling.text.trimEnd().at(-1);
  const isLonger = spelling.text.trimEnd().length > before.trimEnd().length;
  announce(isLonger ? text("added", { letter: last }) : "");
}

function showText() {
  if (word.value !== spelling.text) {
    word.value = spelling.text;
    word.scrollTop = word.scrollHeight;
    remember("sessionStorage", "word", spelling.text);
  }
  part("provisional").textContent = spelling.provisional;
  const words = spelling.candidates.map(([name]) => name);
  const shown = [...part("suggestions").children].map((one) => one.textContent);
  if (words.join() === shown.join()) return;
  part("suggestions").replaceChildren(
    ...words.map((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () =>
        edit(() => connection.send(spelling.choose(name))),
      );
      return button;
    }),
  );
}

function show({ letter, probability, top }, model) {
  const isLetter = letter !== NONE;
  const name = isLetter ? letter : "–";
  if (letterBox.textContent !== name) letterBox.textContent = name;
  const share = Math.round(100 * probability);
  const sure = isLetter ? text("sure", { share }) : text("none");
  part("model").textContent = `${sure} · ${text("model", { name: model })}`;
  bars.replaceChildren(
    ...top.map(({ letter, probability }) => {
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

// --- images -----------------------------------------------------------------------

/** Have an image read; null, with the reason on the page, if it was not. */
async function read(image) {
  const form = new FormData();
  form.append("image", image, image.name ?? "image");
  const headers = connection.key ? { "X-API-Key": connection.key } : {};
  let answer;
  let body;
  try {
    answer = await fetch("predict?crop=true", { method: "POST", body: form, headers });
    body = await answer.json();
  } catch {
    complain("noAnswer");
    return null;
  }
  if (answer.ok) {
    complain(null);
    return { ...body.predictions[0], model: body.model };
  }
  const known = { 401: "wrongKey", 413: "largeImage", 429: "busyServer", 503: "busyServer" };
  complain(known[answer.status] ?? "refusedImage");
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
    show(reading, reading.model);
    crop.src = reading.crop;
    crop.alt = text("crop");
    crop.hidden = part("crop-caption").hidden = false;
    edit(() => spelling.write(reading.letter));
  }
}

// --- the camera -------------------------------------------------------------------

async function openCamera() {
  complain(null);
  forget();
  const reason = await camera.open(() => {
    closeCamera();
    complain("lostCamera");
  });
  if (reason) {
    complain(reason);
    return;
  }
  showCamera(true);
  connection.open();
  watch(camera.stream);
}

function closeCamera() {
  if (!camera.stream) return;
  connection.close();
  camera.close();
  showCamera(false);
  edit(() => spelling.begin());
}

function showCamera(isOpen) {
  part("video").hidden = part("hand").hidden = !isOpen;
  part("hint").hidden = isOpen;
  photo.hidden = true;
  const button = part("camera");
  button.setAttribute("aria-pressed", String(isOpen));
  button.dataset.text = isOpen ? "closeCamera" : "openCamera";
  button.textContent = text(button.dataset.text);
}

/** Take in the model of a new connection, or an answer to a frame or an edit. */
function hear(answer) {
  if (answer.model !== undefined) {
    connection.model = answer;
    part("suggestions").hidden = !answer.has_words;
    edit(() => spelling.begin());
    return;
  }
  if (answer.error) {
    complain("refusedFrame");
    return;
  }
  if (answer.time !== undefined) {
    complain(null);
    show(answer, connection.model.model);
    camera.draw(answer.hand);
  }
  edit(() => spelling.take(answer));
}

/** Send frame after frame, while the server keeps up. */
async function watch(stream) {
  while (camera.stream === stream) {
    const next = camera.nextFrame();
    if (connection.isReady && connection.model) {
      const { image, seconds } = await camera.takeFrame();
      if (image && connection.isReady) connection.sendFrame(image, seconds);
    }
    await next;
  }
}

// --- what the user does -----------------------------------------------------------

async function copy() {
  try {
    await navigator.clipboard.writeText(word.value);
    announce(text("copied"));
  } catch {
    word.select(); // without HTTPS there is no clipboard
    announce(text("notCopied"));
  }
}

function say() {
  const spoken = new SpeechSynthesisUtterance(word.value.toLowerCase());
  spoken.lang = document.documentElement.lang;
  speechSynthesis.cancel();
  speechSynthesis.speak(spoken);
}

function endWord() {
  edit(() => {
    if (!connection.send(spelling.end())) spelling.space();
  });
}

function deleteLast() {
  edit(() => {
    if (!(spelling.isServers && connection.send(spelling.edit("delete")))) {
      spelling.delete();
    }
  });
}

function listen() {
  part("camera").addEventListener("click", () =>
    camera.stream ? closeCamera() : openCamera(),
  );
  part("choose").addEventListener("click", () => part("file").click());
  part("file").addEventListener("change", async (event) => {
    await readFiles([...event.target.files]);
    event.target.value = ""; // so that the same file can be chosen again
  });
  part("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    connection.key = part("key").value;
    event.target.hidden = true;
    complain(null);
    connection.retry();
  });
  word.addEventListener("input", () => remember("sessionStorage", "word", word.value));
  part("space").addEventListener("click", endWord);
  part("delete").addEventListener("click", deleteLast);
  part("copy").addEventListener("click", copy);
  part("speak").addEventListener("click", say);
  part("speak").hidden = !("speechSynthesis" in window);
  const stage = part("stage");
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault(); // or the browser leaves the page for the image
      stage.classList.toggle("over", name === "dragover");
      if (name === "drop") readFiles([...event.dataTransfer.files]);
    });
  }
}

startLanguages(TEXTS, () => {
  announce("");
  if (problem) complain(problem.key, problem.values);
});
spelling.text = remember("sessionStorage", "word") ?? "";
showText();
listen();
