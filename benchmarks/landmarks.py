"""Pictures a second through the hand landmark models, beside LiteRT alone.

Rendered hands, 28x28 gray and 480x640 RGB. Each way to use ``HandLandmarks`` is timed
in turns with its rival, LiteRT's interpreter: as many pictures, which are prepared
already, as many threads, with an interpreter each, and one look at each picture.
``ratio`` is the median over the rounds of its pictures a second divided by the rival's.

``--presence`` tells instead what is found of hands as they were rendered, and of the
same turned by a quarter: how many, and how far their joints are from those rendered, in
palm lengths and the frame of the palm, mean over the joints.

``python -m benchmarks.landmarks [--models FOLDER] [--threads N] [--presence]``
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks._report import print_table, save
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.preprocessing import HandLandmarks
from skl_signlang.preprocessing._hand_geometry import describe_hands, mirror_left_hands

MODELS = Path(__file__).parents[2] / "shared" / "models"
N_PICTURES = 60
ROUNDS = 3
WAYS = [  # model, parameters, goal of the full model on 2 cores
    ("full", {}, 200),
    ("full", {"both_hands": True}, 80),
    ("full", {"refine": True}, ""),
    ("full", {"both_hands": True, "refine": True}, ""),
    ("lite", {}, ""),
    ("lite", {"both_hands": True}, ""),
]


def litert_alone(path, threads):
    """Return a function that runs the model on that many pictures in all."""
    from ai_edge_litert.interpreter import Interpreter

    picture = np.full((1, 224, 224, 3), 0.5, np.float32)
    interpreters = [Interpreter(str(path), num_threads=1) for _ in range(threads)]
    for interpreter in interpreters:
        interpreter.allocate_tensors()

    def run(interpreter, n):
        for _ in range(n):
            interpreter.set_tensor(0, picture)
            interpreter.invoke()

    def run_all(n):
        shares = [len(range(i, n, threads)) for i in range(threads)]
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, interpreters, shares))

    return run_all


def rate(function, argument, n):
    start = time.perf_counter()
    function(argument)
    return n / (time.perf_counter() - start)


def measure(folder, threads):
    hands = make_fingerspelling(N_PICTURES, image_size=224, color=True, random_state=0)
    photos = [np.array(Image.fromarray(x).resize((640, 480))) for x in hands.images]
    small = [Image.fromarray(x).convert("L").resize((28, 28)) for x in hands.images]
    inputs = {"28x28": np.array([np.array(x) for x in small]), "480x640x3": photos}
    rows = []
    for model, parameters, goal in WAYS:
        path = folder / f"hand_landmark_{model}.tflite"
        alone = litert_alone(path, threads)
        landmarks = HandLandmarks(str(path), n_jobs=threads, **parameters)
        for name, X in inputs.items():
            landmarks.transform(X[: 2 * threads])
            rates = np.array(
                [
                    (rate(landmarks.transform, X, len(X)), rate(alone, len(X), len(X)))
                    for _ in range(ROUNDS)
                ]
            )
            median = np.median(rates, axis=0)
            rows.append(
                {
                    "model": model,
                    "parameters": ", ".join(parameters) or "one pass",
                    "pictures": name,
                    "a_second": round(float(median[0]), 1),
                    "litert_alone": round(float(median[1]), 1),
                    "ratio": round(float(np.median(rates[:, 0] / rates[:, 1])), 2),
                    "goal": goal,
                }
            )
    print_table(rows[0], [row.values() for row in rows])
    save("landmarks", {"threads": threads, "rounds": ROUNDS, "rows": rows})


def measure_presence(folder, threads):
    hands = make_fingerspelling(240, image_size=224, color=True, random_state=1)
    left = hands.handedness == "left"
    known = describe_hands(mirror_left_hands(hands.joints, left)).reshape(-1, 21, 3)
    turned = hands.images.swapaxes(1, 2)[:, ::-1]
    rows = []
    for model, parameters, _ in WAYS:
        landmarks = HandLandmarks(
            str(folder / f"hand_landmark_{model}.tflite"),
            features=("landmarks", "presence"),
            n_jobs=threads,
            **parameters,
        )
        for name, X in (("as rendered", hands.images), ("turned", turned)):
            found = landmarks.transform(X)
            joints = found[:, :-1].reshape(-1, 21, 3)
            apart = np.linalg.norm(joints - known, axis=2).mean(axis=1)
            rows.append(
                {
                    "model": model,
                    "parameters": ", ".join(parameters) or "one pass",
                    "hands": name,
                    "presence > 0.5": round(float((found[:, -1] > 0.5).mean()), 3),
                    "median distance": round(float(np.median(apart)), 3),
                    "mean distance": round(float(apart.mean()), 3),
                }
            )
    print_table(rows[0], [row.values() for row in rows])
    save("landmarks_presence", {"n": len(turned), "rows": rows})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--presence", action="store_true", help="what looks find")
    arguments = parser.parse_args()
    if not (arguments.models / "hand_landmark_full.tflite").exists():
        print(f"nothing is measured: {arguments.models} holds no landmark models")
        return
    run = measure_presence if arguments.presence else measure
    run(arguments.models, arguments.threads)


if __name__ == "__main__":
    main()
