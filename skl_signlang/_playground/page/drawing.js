// Drawing: values of the plane as colors, points, and lines of losses.

export const LIMIT = 6; // the plane goes from -6 to 6 along each axis

const ONE = [8, 119, 189];
const ZERO = [245, 147, 34];
const MIDDLE = [232, 234, 235];
const POINT = 0.02; // radius of a point, in sides of the plane

/** Return the color of a value from -1 (orange) over 0 (gray) to 1 (blue). */
export function colorOf(value) {
  const end = value < 0 ? ZERO : ONE;
  const share = Math.min(1, Math.abs(value));
  const mixed = MIDDLE.map((one, i) => Math.round(one + share * (end[i] - one)));
  return `rgb(${mixed.join(" ")})`;
}

/** Give a canvas as many pixels as the screen has for it; return its pen. */
export function prepare(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  return pen;
}

/** Decode bytes of the plane into a small image, one pixel a value. */
export function toImage(text, isDiscrete = false) {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const side = Math.sqrt(bytes.length);
  const image = document.createElement("canvas");
  image.width = image.height = side;
  const pixels = new ImageData(side, side);
  bytes.forEach((byte, i) => {
    const value = byte / 127.5 - 1;
    const shown = isDiscrete ? Math.sign(value) : value;
    const end = shown < 0 ? ZERO : ONE;
    const share = Math.abs(shown);
    for (let k = 0; k < 3; k++) {
      pixels.data[4 * i + k] = MIDDLE[k] + share * (end[k] - MIDDLE[k]);
    }
    pixels.data[4 * i + 3] = 255;
  });
  image.getContext("2d").putImageData(pixels, 0, 0);
  return image;
}

/** Draw an image of the plane, and points on it. */
export function drawPlane(canvas, image, points) {
  const side = canvas.clientWidth;
  const pen = prepare(canvas, side, side);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, side, side);
  const place = (value) => ((value + LIMIT) / (2 * LIMIT)) * side;
  for (const [x, y, isOne, isTraining] of points) {
    pen.beginPath();
    pen.arc(place(x), place(-y), POINT * side * 0.7, 0, 2 * Math.PI);
    pen.fillStyle = colorOf(isOne ? 1 : -1);
    pen.strokeStyle = isTraining ? "#fff" : "#000";
    pen.lineWidth = 1;
    pen.fill();
    pen.stroke();
  }
}

/** Draw lines of losses, each a list of as many values. */
export function drawLosses(canvas, lines) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const pen = prepare(canvas, width, height);
  const top = Math.max(...lines.flatMap(({ values }) => values), 0.1);
  for (const { values, color } of lines) {
    pen.beginPath();
    values.forEach((value, i) => {
      const x = (i / Math.max(1, values.length - 1)) * (width - 2) + 1;
      pen.lineTo(x, height - 2 - (value / top) * (height - 4));
    });
    pen.strokeStyle = color;
    pen.lineWidth = 1.5;
    pen.stroke();
  }
}
