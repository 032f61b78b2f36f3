// The camera: its frames, and the hand that is drawn on them.

const FRAME_MILLISECONDS = 1000 / 15;
const MOST_SIDE = 480; // pixels of the frames that are sent
const FINGERS = [1, 5, 9, 13, 17].map((base) => [0, base, base + 1, base + 2, base + 3]);

export class Camera {
  constructor(video, overlay) {
    Object.assign(this, { video, overlay, stream: null });
    this.canvas = document.createElement("canvas");
    video.addEventListener("resize", () => {
      const aspect = video.videoWidth / video.videoHeight || 4 / 3;
      video.parentElement.style.setProperty("--aspect", aspect);
    });
  }

  /**
   * Open the camera.
   * @param {function} lose is called when it is taken away
   * @returns {string|null} why it could not be opened: a key of the texts
   */
  async open(lose) {
    if (!window.isSecureContext || !navigator.mediaDevices) return "insecure";
    const wishes = { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } };
    try {
      const media = { video: wishes, audio: false };
      this.stream = await navigator.mediaDevices.getUserMedia(media);
    } catch (error) {
      const reasons = { NotAllowedError: "refused", NotFoundError: "noCamera" };
      return reasons[error.name] ?? "busyCamera";
    }
    this.stream.getVideoTracks()[0].addEventListener("ended", lose);
    this.video.srcObject = this.stream;
    await this.video.play();
    return null;
  }

  close() {
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    this.draw(null);
  }

  nextFrame() {
    return new Promise((resolve) => setTimeout(resolve, FRAME_MILLISECONDS));
  }

  /** Return what the camera shows, and the time. */
  async takeFrame() {
    const { videoWidth, videoHeight } = this.video;
    const seconds = performance.now() / 1000;
    if (!videoWidth) return { image: null, seconds };
    const scale = Math.min(1, MOST_SIDE / Math.max(videoWidth, videoHeight));
    this.canvas.width = Math.round(scale * videoWidth);
    this.canvas.height = Math.round(scale * videoHeight);
    const target = [0, 0, this.canvas.width, this.canvas.height];
    this.canvas.getContext("2d").drawImage(this.video, ...target);
    const image = await new Promise((resolve) =>
      this.canvas.toBlob(resolve, "image/jpeg", 0.9),
    );
    return { image, seconds };
  }

  /** Draw the joints of a hand, as fractions of width and height, or nothing. */
  draw(hand) {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (hand && (this.overlay.width !== width || this.overlay.height !== height)) {
      Object.assign(this.overlay, { width, height });
    }
    const pen = this.overlay.getContext("2d");
    pen.clearRect(0, 0, this.overlay.width, this.overlay.height);
    this.overlay.dataset.joints = hand ? hand.length : 0;
    if (!hand) return;
    const points = hand.map(([x, y]) => [x * width, y * height]);
    pen.lineWidth = Math.max(2, height / 120);
    pen.strokeStyle = "#fff";
    for (const finger of FINGERS) {
      pen.beginPath();
      for (const joint of finger) pen.lineTo(...points[joint]);
      pen.stroke();
    }
    pen.fillStyle = "#ff8c00";
    for (const [x, y] of points) {
      pen.beginPath();
      pen.arc(x, y, 1.3 * pen.lineWidth, 0, 2 * Math.PI);
      pen.fill();
    }
  }
}
