// The page: settings to the server, where DenseClassifier trains; its state from there.

import { drawLosses, drawPlane, toImage } from "./drawing.js";
import { startLanguages, text } from "./languages.js";
import { NetworkDrawing } from "./network.js";
import { Settings, drawSeed } from "./settings.js";
import { TEXTS } from "./texts.js";
import { Training, problemOf } from "./training.js";

const EPOCHS_OF_PLAY = 100; // more than the server trains before it answers
const MOST_LOSSES = 2000;

const part = (id) => document.getElementById(id);
const settings = new Settings();
const training = new Training(fail);
const drawing = new NetworkDrawing(part("network"), choose);
let scene = null; // points and features
let state = null; // losses, outputs and weights
let losses = [];
let chosen = null; // the layer and the neuron that is shown large; null is the output
let problem = null;

// what is to be done next
let isPlaying = false;
let isStartWanted = true;
let isStarted = false;
let nSteps = 0;
let isBusy = false;

// --- the training -----------------------------------------------------------------

/** Do what is to be done, one message after another. */
async function work() {
  if (isBusy) return;
  isBusy = true;
  while (isStartWanted || isPlaying || nSteps > 0) {
    if (isStartWanted || !isStarted) await start();
    else await advance();
    await new Promise(requestAnimationFrame); // none while the page is hidden
  }
  isBusy = false;
}

async function start() {
  isStartWanted = false;
  if (isStarted) await training.ask({ action: "stop" });
  const answer = await training.ask(settings.toMessage());
  isStarted = !answer.error;
  if (answer.error) {
    fail(answer);
    return;
  }
  scene = answer;
  losses = [];
  complain(null);
  take(answer);
}

async function advance() {
  const epochs = nSteps > 0 ? 1 : EPOCHS_OF_PLAY;
  nSteps = Math.max(0, nSteps - 1);
  const answer = await training.ask({
    action: "train",
    epochs,
    learning_rate: settings.learningRate,
  });
  if (answer.error) fail(answer);
  else take(answer);
}

function fail(answer) {
  play(false);
  nSteps = 0;
  if (answer.status === 0) isStarted = false;
  complain(problemOf(answer), { reason: answer.error });
}

function take(answer) {
  state = answer;
  losses.push([answer.test_loss, answer.train_loss]);
  // every second of them is as good a line
  if (losses.length > MOST_LOSSES) losses = losses.filter((_, i) => i % 2 === 0);
  draw();
}

/** Start again with the settings as they are now. */
function restart() {
  play(false);
  nSteps = 0;
  isStartWanted = true;
  work();
}

function play(isOn) {
  isPlaying = isOn;
  const button = part("play");
  button.setAttribute("aria-pressed", String(isOn));
  button.dataset.text = isOn ? "pause" : "play";
  button.textContent = text(button.dataset.text);
}

// --- what is shown ----------------------------------------------------------------

function complain(key, values = {}) {
  problem = key && { key, values };
  part("problem").textContent = key ? text(key, values) : "";
}

function draw() {
  if (!scene) return;
  const numbers = (digits) =>
    new Intl.NumberFormat(document.documentElement.lang, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  part("epoch").textContent = numbers(0).format(state.epoch);
  part("test-loss").textContent = numbers(3).format(state.test_loss);
  part("train-loss").textContent = numbers(3).format(state.train_loss);
  drawLosses(part("chart"), [
    { values: losses.map((pair) => pair[1]), color: "#888" },
    { values: losses.map((pair) => pair[0]), color: "#d93025" },
  ]);
  const columns = [scene.features, ...state.neurons, [state.output]];
  drawing.draw(columns, state.weights, chosen ?? [columns.length - 1, 0]);
  const shown = columns[chosen?.[0]]?.[chosen[1]] ?? state.output;
  const points = part("show-test").checked
    ? scene.points
    : scene.points.filter((point) => point[3]);
  drawPlane(part("boundary"), toImage(shown, part("discretize").checked), points);
}

/** Show a neuron large, or the output. */
function choose(layer, neuron) {
  chosen = layer > 0 && layer <= settings.sizes.length ? [layer, neuron] : null;
  part("shown").value = chosen ? chosen.join() : "";
  draw();
}

/** Write the controls of the layers, whose number changes. */
function writeLayers() {
  const { sizes } = settings;
  part("n-layers").textContent = sizes.length;
  part("more-layers").disabled = !settings.canChangeDepth(1);
  part("fewer-layers").disabled = !settings.canChangeDepth(-1);
  const ends = ["inputs", "result"].map((key) => {
    const cell = document.createElement("span");
    cell.textContent = text(key);
    return cell;
  });
  const widths = part("widths");
  widths.style.gridTemplateColumns = `repeat(${sizes.length + 2}, minmax(0, 1fr))`;
  widths.replaceChildren(ends[0], ...sizes.map(writeWidth), ends[1]);
  const values = { features: settings.features.length, sizes: sizes.join(", ") };
  const key = sizes.length ? "networkDrawn" : "networkWithoutLayers";
  part("network").setAttribute("aria-label", text(key, values));
  const options = [["", text("wholeOutput")]];
  sizes.forEach((size, i) => {
    for (let neuron = 0; neuron < size; neuron++) {
      const values = { layer: i + 1, neuron: neuron + 1 };
      options.push([`${i + 1},${neuron}`, text("neuron", values)]);
    }
  });
  part("shown").replaceChildren(...options.map(([value, label]) => new Option(label, value)));
  const isThere = chosen && chosen[1] < sizes[chosen[0] - 1];
  choose(...(isThere ? chosen : [0, 0]));
}

function writeWidth(size, layer) {
  const cell = document.createElement("div");
  const button = (sign, by, key) => {
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = sign;
    one.dataset.change = `${layer},${by}`;
    one.disabled = !settings.canChangeWidth(layer, by);
    one.setAttribute("aria-label", text(key, { layer: layer + 1 }));
    return one;
  };
  const count = document.createElement("output");
  count.textContent = size;
  cell.append(button("+", 1, "addNeuron"), count, button("−", -1, "removeNeuron"));
  return cell;
}

function writeSliders() {
  for (const id of ["train_fraction", "noise"]) {
    part(`${id}-shown`).textContent = text("percent", { share: part(id).value });
  }
  part("batch_size-shown").textContent = part("batch_size").value;
  part("penalty").disabled = !part("regularization").value;
}

// --- what the user does -----------------------------------------------------------

function changeNetwork(change) {
  change();
  // the drawing waits for the new network, whose neurons may be fewer
  scene = null;
  writeLayers();
  restart();
}

function listen() {
  part("play").addEventListener("click", () => {
    play(!isPlaying);
    work();
  });
  part("step").addEventListener("click", () => {
    play(false);
    nSteps += 1;
    work();
  });
  part("reset").addEventListener("click", () => {
    settings.seeds.network_seed = drawSeed();
    restart();
  });
  part("regenerate").addEventListener("click", () => {
    settings.seeds.data_seed = drawSeed();
    restart();
  });
  for (const id of ["data", "sliders", "settings-part"]) {
    part(id).addEventListener("change", ({ target }) => {
      writeSliders();
      if (target.id !== "learning_rate") restart();
    });
  }
  part("settings-part").addEventListener("submit", (event) => event.preventDefault());
  part("sliders").addEventListener("input", writeSliders);
  part("features").addEventListener("change", ({ target }) => {
    if (settings.features.length === 0) target.checked = true;
    else changeNetwork(() => {});
  });
  part("more-layers").addEventListener("click", () =>
    changeNetwork(() => settings.changeDepth(1)),
  );
  part("fewer-layers").addEventListener("click", () =>
    changeNetwork(() => settings.changeDepth(-1)),
  );
  part("widths").addEventListener("click", ({ target }) => {
    if (!target.dataset.change) return;
    const { change } = target.dataset;
    changeNetwork(() => settings.changeWidth(...change.split(",").map(Number)));
    part("widths").querySelector(`[data-change="${change}"]`)?.focus();
  });
  part("shown").addEventListener("change", ({ target }) =>
    choose(...(target.value || "0,0").split(",").map(Number)),
  );
  for (const id of ["show-test", "discretize"]) part(id).addEventListener("change", draw);
  addEventListener("resize", draw);
}

startLanguages(TEXTS, () => {
  writeLayers();
  writeSliders();
  draw();
  if (problem) complain(problem.key, problem.values);
});
writeLayers();
writeSliders();
listen();
work();
