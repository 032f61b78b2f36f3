// The text of the page: what the server has settled, and what the user edits.

export const NONE = "none";

export class Spelling {
  constructor(text = "") {
    this.text = text;
    this.begin();
  }

  /** Begin with a new connection, which has no text yet; what is there remains. */
  begin() {
    this.text += this.provisional ?? "";
    Object.assign(this, { epoch: 0, nSettled: 0, provisional: "", candidates: [] });
    this.wantsSpace = this.isChosen = false;
  }

  /** Whether the server has text that a deletion can begin with. */
  get isServers() {
    return this.nSettled > 0 || this.provisional !== "";
  }

  /**
   * Take in an answer of the server; answers before the last edit say nothing.
   * @param {object} answer how many characters are settled, the last of them, and more
   */
  take(answer) {
    if (answer.epoch !== this.epoch) return;
    const n = answer.n_settled - this.nSettled;
    if (n < 0 && !this.isChosen) this.text = this.text.slice(0, n);
    if (n > 0 && !this.isChosen) this.text += answer.settled.slice(-n);
    this.nSettled = answer.n_settled;
    this.provisional = answer.provisional;
    this.candidates = answer.candidates;
    if (this.wantsSpace) this.space();
    this.wantsSpace = this.isChosen = false;
  }

  /** Return the message that ends the word on the server; a space follows it. */
  end() {
    this.wantsSpace = true;
    return this.edit("end");
  }

  /** Return the message of an edit, before whose answer nothing counts. */
  edit(action) {
    this.epoch += 1;
    return { action, epoch: this.epoch };
  }

  /** Write a word that was suggested for the current word, or for the last one, and
   * return the message that ends the word on the server, whose own word does not count. */
  choose(word) {
    if (this.provisional === "") this.text = this.text.trimEnd().replace(/\S+$/, "");
    this.space();
    this.text += `${word} `;
    Object.assign(this, { provisional: "", candidates: [], isChosen: true });
    return this.edit("end");
  }

  /** Write the letter of a single image. */
  write(letter) {
    if (letter === NONE || letter === "nothing") return;
    if (letter === "space") this.space();
    else if (letter === "del") this.delete();
    else this.text += letter;
  }

  /** Delete the last character. */
  delete() {
    this.text = [...this.text].slice(0, -1).join("");
  }

  /** Write a space, unless there is one or nothing to divide. */
  space() {
    if (this.text && !this.text.endsWith(" ")) this.text += " ";
  }
}
