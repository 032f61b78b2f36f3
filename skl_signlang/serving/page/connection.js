// The WebSocket of frames: the newest frame wins, and few are on their way at once.

const MOST_ON_THEIR_WAY = 2;
const RETRY_MILLISECONDS = 1000;
const PROTOCOL = "skl-signlang";

/** Return the subprotocols, the only words that a page can send with a WebSocket. */
function protocols(key) {
  if (!key) return [PROTOCOL];
  const bytes = String.fromCharCode(...new TextEncoder().encode(key));
  const text = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return [PROTOCOL, `key.${text}`];
}

export class Connection {
  /**
   * @param {function} hear takes the model first, and then each answer
   * @param {function} fail takes why there is no connection: a key of the texts
   */
  constructor(hear, fail) {
    Object.assign(this, { hear, fail, key: "", socket: null, isWanted: false });
  }

  /** Connect, and again whenever the connection ends, until it is closed. */
  open() {
    this.isWanted = true;
    const url = new URL("v1/spell", document.baseURI);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, protocols(this.key));
    let isOpen = false;
    this.socket = socket;
    this.nOnTheirWay = 0;
    socket.addEventListener("message", ({ data }) => {
      isOpen = true;
      const answer = JSON.parse(data);
      const isOfFrame = answer.time !== undefined || answer.error !== undefined;
      this.nOnTheirWay -= isOfFrame + (answer.n_skipped ?? 0);
      if (this.socket === socket) this.hear(answer);
    });
    socket.addEventListener("close", async () => {
      if (this.socket !== socket) return;
      this.socket = null;
      const reason = isOpen ? "lostServer" : await this.explain();
      if (!this.isWanted || this.socket) return;
      this.fail(reason);
      if (reason !== "wrongKey") setTimeout(() => this.retry(), RETRY_MILLISECONDS);
    });
  }

  retry() {
    if (this.isWanted && !this.socket) this.open();
  }

  close() {
    this.isWanted = false;
    this.socket?.close();
    this.socket = null;
  }

  get isReady() {
    const isOpen = this.socket?.readyState === WebSocket.OPEN;
    return isOpen && this.nOnTheirWay < MOST_ON_THEIR_WAY;
  }

  /** Send a frame, the time before its image. */
  sendFrame(image, seconds) {
    const head = new DataView(new ArrayBuffer(8));
    head.setFloat64(0, seconds, true);
    this.nOnTheirWay += 1;
    this.socket.send(new Blob([head, image]));
  }

  /** Send an edit, if there is a connection. */
  send(edit) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(edit));
    return true;
  }

  /** Find out why no connection came about; the browser does not tell. */
  async explain() {
    try {
      const headers = this.key ? { "X-API-Key": this.key } : {};
      const { status } = await fetch("metrics", { method: "HEAD", headers });
      return status === 401 ? "wrongKey" : "busyServer";
    } catch {
      return "noAnswer";
    }
  }
}
