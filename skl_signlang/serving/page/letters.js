// Letters of frames in, text out, by the majority of frames: the server reads single
// images and follows no hand. Time is passed in: the same frames, the same text.

export const NONE = "none";

export class Letters {
  /**
   * @param {number} holdTime how long a letter is held, in seconds
   * @param {number} majority share of the frames of this time that must show it
   * @param {number} pause time without a letter after which a space comes, in seconds
   */
  constructor(holdTime = 0.5, majority = 0.6, pause = 1.5) {
    Object.assign(this, { holdTime, majority, pause });
    this.clear();
  }

  /** Delete everything and begin anew; the next frame may have any time. */
  clear() {
    this.text = "";
    this.letter = NONE;
    this.frames = [];
    this.start = 0;
    this.lastTime = this.lastSeen = null;
  }

  /**
   * Take in the next frame.
   * @param {string} letter what it shows, or "none"
   * @param {number} time when it was taken, in seconds; never less than before
   * @returns {string} the text so far
   */
  push(letter, time) {
    if (this.frames.length > 0 && time - this.frames.at(-1).time > this.holdTime) {
      this.frames = []; // what was before a gap says nothing of what is now
      this.settle(NONE, time);
    }
    if (this.frames.length === 0) this.start = time;
    this.frames.push({ time, letter: letter === "nothing" ? NONE : letter });
    while (time - this.frames[0].time > this.holdTime) this.frames.shift();
    this.lastTime = time;
    if (time - this.start >= this.holdTime - 1e-9) this.vote(time);
    return this.text;
  }

  /** Delete the last character. */
  delete() {
    this.text = [...this.text].slice(0, -1).join("");
  }

  vote(time) {
    const counts = new Map();
    for (const { letter } of this.frames) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    const [letter, n] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
    const nFrames = this.frames.length;
    if (n >= this.majority * nFrames) this.settle(letter, time);
    else if ((counts.get(this.letter) ?? 0) < (1 - this.majority) * nFrames) {
      this.settle(NONE, time);
    }
  }

  settle(letter, time) {
    if (letter === NONE) {
      if (this.lastSeen !== null && time - this.lastSeen >= this.pause) this.space();
    } else {
      if (letter !== this.letter) this.write(letter);
      this.lastSeen = time;
    }
    this.letter = letter;
  }

  write(letter) {
    if (letter === "space") this.space();
    else if (letter === "del") this.delete();
    else this.text += letter;
  }

  /** Write a space, unless there is one or nothing to divide. */
  space() {
    if (this.text && !this.text.endsWith(" ")) this.text += " ";
  }
}
