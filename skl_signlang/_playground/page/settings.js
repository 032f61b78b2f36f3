// What the controls of the page say.

const MAX_LAYERS = 6;
const MAX_NEURONS = 8;
const SEEDS = 2 ** 31;

const part = (id) => document.getElementById(id);
const percent = (id) => Number(part(id).value) / 100;

/** Return a new seed. */
export function drawSeed() {
  return Math.floor(Math.random() * SEEDS);
}

export class Settings {
  constructor() {
    this.sizes = [4, 2];
    this.seeds = { data_seed: drawSeed(), network_seed: drawSeed() };
  }

  get features() {
    const chosen = document.querySelectorAll("#features input:checked");
    return [...chosen].map((one) => one.value);
  }

  get learningRate() {
    return Number(part("learning_rate").value);
  }

  /** Add a hidden layer as wide as the last one, or remove the last. */
  changeDepth(by) {
    if (by > 0) this.sizes = [...this.sizes, this.sizes.at(-1) ?? 2].slice(0, MAX_LAYERS);
    else this.sizes = this.sizes.slice(0, -1);
  }

  changeWidth(layer, by) {
    const wanted = this.sizes[layer] + by;
    this.sizes[layer] = Math.min(MAX_NEURONS, Math.max(1, wanted));
  }

  canChangeDepth(by) {
    return by > 0 ? this.sizes.length < MAX_LAYERS : this.sizes.length > 0;
  }

  canChangeWidth(layer, by) {
    return by > 0 ? this.sizes[layer] < MAX_NEURONS : this.sizes[layer] > 1;
  }

  /** Return the message that starts a training. */
  toMessage() {
    const kind = part("regularization").value;
    return {
      action: "start",
      data: document.querySelector("#data input:checked").value,
      noise: percent("noise"),
      train_fraction: percent("train_fraction"),
      features: this.features,
      hidden_layer_sizes: this.sizes,
      activation: part("activation").value,
      optimizer: part("optimizer").value,
      batch_size: Number(part("batch_size").value),
      ...(kind ? { [kind]: Number(part("penalty").value) } : {}),
      ...this.seeds,
    };
  }
}
