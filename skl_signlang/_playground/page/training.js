// The training on the server: one message, one answer, over a WebSocket.

const LOST = 0;
const LIMIT = 429;

export class Training {
  /** @param {function} lose takes the error of a connection that ends by itself */
  constructor(lose) {
    Object.assign(this, { lose, socket: null, hear: null });
  }

  /** Send a message, and return its answer, or an error with a status. */
  async ask(message) {
    if (!this.socket) {
      const reason = await this.open();
      if (reason) return { error: reason, status: LOST };
    }
    return new Promise((resolve) => {
      this.hear = resolve;
      this.socket.send(JSON.stringify(message));
    });
  }

  /** Connect; return null, or why not: a key of the texts. */
  open() {
    const url = new URL("v1/train", document.baseURI);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    return new Promise((resolve) => {
      socket.addEventListener("open", () => {
        this.socket = socket;
        resolve(null);
      });
      socket.addEventListener("message", ({ data }) => this.answer(JSON.parse(data)));
      socket.addEventListener("close", async () => {
        if (this.socket === socket) {
          this.socket = null;
          this.hear ??= this.lose;
          this.answer({ error: "lostServer", status: LOST });
        } else {
          resolve(await explain());
        }
      });
    });
  }

  answer(answer) {
    this.hear?.(answer);
    this.hear = null;
  }
}

/** Return the key of the text about an error. */
export function problemOf({ error, status }) {
  if (status === LOST) return error;
  return { 422: "diverged", [LIMIT]: "ended" }[status] ?? "refused";
}

/** Find out why no connection came about; the browser does not tell. */
async function explain() {
  try {
    await fetch("", { method: "HEAD" });
    return "busyServer";
  } catch {
    return "noAnswer";
  }
}
