"""Seconds from a frame of a camera to its letter, over the server's WebSocket.

``python -m benchmarks.frames [--model letters-landmarks] [--seconds N]``

One viewer sends a rendered video at 15 frames a second, beside four that send 3. The
newest frame wins: frames that a newer one replaced are counted, and have no answer. The
server and the clients share the machine's cores. With `letters-landmarks` MediaPipe's
models must be in the data home.
"""

import argparse
import io
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image

from benchmarks._report import print_table, save
from skl_signlang.datasets import make_fingerspelling_videos

VIEWER, OTHERS = 15, (3, 3, 3, 3)  # frames a second
LEAST = 5  # seconds before the measurement


def render():
    """Return the frames of a video as JPEG, as the page sends them."""
    spelled = make_fingerspelling_videos(["FLOWER"], color=True, random_state=7)
    files = []
    for pixels in spelled.videos[0]:
        file = io.BytesIO()
        scene = Image.new("RGB", (480, 360), (150, 150, 150))
        scene.paste(Image.fromarray(pixels).resize((360, 360)), (60, 0))
        scene.save(file, "JPEG", quality=90)
        files.append(file.getvalue())
    return files


class Viewer:
    """A client that sends frames at a rate, and notes when each is answered."""

    def __init__(self, url, frames, rate):
        from websockets.sync.client import connect

        self.exits = ExitStack()
        self.connection = self.exits.enter_context(connect(url, compression=None))
        self.connection.recv()
        self.frames, self.rate = frames, rate
        self.sent, self.answers, self.n_skipped = {}, {}, 0
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self._send)]
        self.threads.append(threading.Thread(target=self._hear, daemon=True))
        for thread in self.threads:
            thread.start()

    def _send(self):
        start, number = time.monotonic(), 0
        while not self.is_over.is_set():
            seconds = number / self.rate
            time.sleep(max(0, start + seconds - time.monotonic()))
            self.sent[seconds] = time.monotonic()
            image = self.frames[round(seconds * VIEWER) % len(self.frames)]
            self.connection.send(struct.pack("<d", seconds) + image)
            number += 1

    def _hear(self):
        from websockets.exceptions import ConnectionClosed

        with suppress(ConnectionClosed):  # the server ends before the clients
            for message in self.connection:
                answer = json.loads(message)
                self.answers[answer["time"]] = time.monotonic()
                self.n_skipped += answer["n_skipped"]

    def latencies(self):
        """Return the seconds from each frame that was answered to its answer."""
        return np.array(
            [
                heard - self.sent[seconds]
                for seconds, heard in self.answers.items()
                if seconds >= LEAST
            ]
        )


def measure(model, seconds):
    """Start the server, send frames, and return what the viewer saw."""
    command = [sys.executable, "-m", "skl_signlang", "serve", model, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().split()[2].replace("http", "ws", 1)
            frames = render()
            viewers = [
                Viewer(f"{url}/v1/spell", frames, rate) for rate in (VIEWER, *OTHERS)
            ]
            time.sleep(seconds + LEAST)
            for viewer in viewers:
                viewer.is_over.set()
                viewer.threads[0].join()
            time.sleep(1)
            for viewer in viewers:
                viewer.exits.close()
        finally:
            server.send_signal(signal.SIGTERM)
    first = viewers[0]
    found = first.latencies()
    return {
        "median seconds": float(np.median(found)),
        "95th percentile": float(np.percentile(found, 95)),
        "frames sent": len(first.sent),
        "frames answered": len(first.answers),
        "frames skipped": first.n_skipped,
    }


def main():
    """Measure, print, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="letters-landmarks")
    parser.add_argument("--seconds", type=float, default=30)
    words = parser.parse_args()
    result = measure(words.model, words.seconds)
    print_table(["what", "figure"], [[name, figure] for name, figure in result.items()])
    save("frames", {"model": words.model, **result})


if __name__ == "__main__":
    main()
