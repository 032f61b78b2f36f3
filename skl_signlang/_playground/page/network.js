// The drawing of a network: a column of squares for each layer, and lines between them.

import { colorOf, prepare, toImage } from "./drawing.js";

const LARGEST = 46; // pixels of a square's side
const GAP = 8;
const WIDEST_LINE = 7;

export class NetworkDrawing {
  /** @param {function} choose takes the layer and the number of a neuron; 0 is the first */
  constructor(canvas, choose) {
    this.canvas = canvas;
    this.squares = [];
    canvas.addEventListener("click", ({ offsetX, offsetY }) => {
      const hit = this.squares.find(
        ({ x, y, side }) => Math.abs(offsetX - x) < side && Math.abs(offsetY - y) < side / 2,
      );
      if (hit) choose(hit.layer, hit.neuron);
    });
  }

  /**
   * Draw a network.
   * @param {string[][]} columns what each square shows: the features, the neurons of
   *   each hidden layer, the output
   * @param {number[][][]} weights of the lines between columns; null before there are any
   * @param {number[]} chosen the layer and the number of the neuron that is shown large
   */
  draw(columns, weights, chosen) {
    const width = this.canvas.clientWidth;
    const column = width / columns.length;
    const side = Math.min(LARGEST, 0.62 * column);
    const most = Math.max(...columns.map((one) => one.length));
    const height = most * (side + GAP) + GAP;
    this.canvas.style.height = `${height}px`;
    const pen = prepare(this.canvas, width, height);
    const place = (layer, i) => ({
      x: (layer + 0.5) * column,
      y: height / 2 + (i - (columns[layer].length - 1) / 2) * (side + GAP),
    });
    weights?.forEach((kernel, layer) => {
      kernel.forEach((row, from) =>
        row.forEach((weight, to) => {
          drawLine(pen, place(layer, from), place(layer + 1, to), side, weight);
        }),
      );
    });
    this.squares = columns.flatMap((squares, layer) =>
      squares.map((text, neuron) => ({ ...place(layer, neuron), side, layer, neuron, text })),
    );
    for (const { x, y, layer, neuron, text } of this.squares) {
      const isChosen = layer === chosen[0] && neuron === chosen[1];
      const corner = [x - side / 2, y - side / 2, side, side];
      pen.fillStyle = colorOf(0);
      pen.fillRect(...corner);
      if (text) pen.drawImage(toImage(text), ...corner);
      pen.strokeStyle = isChosen ? getComputedStyle(this.canvas).color : "#888";
      pen.lineWidth = isChosen ? 3 : 1;
      pen.strokeRect(...corner);
    }
  }
}

/** Draw the line of a weight: its color the sign, its width the size. */
function drawLine(pen, from, to, side, weight) {
  const [start, end] = [from.x + side / 2, to.x - side / 2];
  const middle = (start + end) / 2;
  pen.beginPath();
  pen.moveTo(start, from.y);
  pen.bezierCurveTo(middle, from.y, middle, to.y, end, to.y);
  pen.strokeStyle = colorOf(Math.sign(weight));
  pen.lineWidth = Math.min(WIDEST_LINE, 0.3 + 2 * Math.abs(weight));
  pen.globalAlpha = 0.35 + 0.65 * Math.min(1, Math.abs(weight));
  pen.stroke();
  pen.globalAlpha = 1;
}
