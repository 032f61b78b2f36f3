"""Words read from films of rendered hands: how many come out wrong.

Each word is spelled by a signer of its own, before a background of its own, at 15
frames a second: letters are held for 0.7 s, the hand goes from one to the next in 0.2 s
and is lowered out of the picture between equal letters and after words. Hands tremble
and drift, cameras are noisy and late. Frames are read by the reader that comes with the
package; below what probability it says "none" is calibrated on films of other signers
and words, for three rates of wrong letters. Beside it stand frames that are named right
but for a share of noise: what the stream itself loses.

``python -m benchmarks.letter_stream [--words N]``
"""

import argparse
import os
from dataclasses import fields, replace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks._report import print_table, save
from skl_signlang._letters import LETTERS
from skl_signlang.datasets.rendering._hand_poses import draw_signers, pose
from skl_signlang.datasets.rendering._hand_scene import draw_views, render_images
from skl_signlang.inference import LetterPredictor, LetterStream
from skl_signlang.pretrained import load_pretrained

RATE = 15  # frames a second
HOLD, MOVE, RELEASE, PAUSE = 11, 3, 10, 30  # frames
SIDE = 48  # of a frame, in pixels
TREMBLE = 1.5  # degrees, standard deviation
DRIFT = 0.01  # of the picture's side, likewise
SENSOR_NOISE = 0.02  # of white, likewise
LATE = 0.01  # seconds, likewise
ERROR_RATES = (0.05, 0.1, 0.2)
N_CALIBRATING = 60
NOISE = (0.0, 0.1, 0.2, 0.3)  # shares of frames that are named by chance
WORDS = """
able about above act add after again age ago air all allow alone also always among
apple area arm around art ask away baby back bad bag ball bank base bed before begin
believe below best better big bird black blue board body book both bottle box boy bread
bring brother build bus buy call camera car carry cat cause chair change child city
class clear cloud coffee cold color come common cook corn could country cover cross cup
cut dance dark daughter day deep dinner doctor dog door down draw dream dress drink
drive early earth east easy eat egg eight end enough evening every eye face fact fall
family far farm fast father feel feet few field fight fill find fire first fish five
floor flower fly follow food foot force forest four free friend from front fruit full
garden girl give glass gold good grass great green ground group grow hair half hand
happy hard hat hear heart hello help here high hill hold home horse hot hour house how
hundred ice idea inside island keep kind king kitchen know lady land large last late
laugh learn leave left letter light like line lion little live long
""".upper().split()


def script(word):
    """Say what each frame of a word shows.

    Returns
    -------
    frames : ndarray of float, shape (n, 4)
        The letter that the hand comes from and the one that it goes to, counted from
        0; the share of the way; how far the hand is lowered, 1 is out of the picture.
    """
    frames = []
    for k, letter in enumerate(word):
        last = max(k - 1, 0)
        if k and letter == word[last]:
            frames += [(last, k, t, d) for t, d in _lower(RELEASE)]
        elif k:
            frames += [(last, k, t, 0) for t in np.arange(1, MOVE + 1) / (MOVE + 1)]
        frames += [(k, k, 0, 0)] * HOLD
    frames += [(k, k, 0, d) for _, d in _lower(PAUSE)]
    return np.array(frames, dtype=float)


def _lower(n):
    """Lower the hand and raise it again, in so many frames."""
    t = (np.arange(n) + 0.5) / n
    depth = np.minimum(np.arange(n), np.arange(n)[::-1]) / 3 + 0.3
    return zip(t, np.minimum(1, depth), strict=True)


def film(words, seed):
    """Render words; return the frames, what each shows, and whose hand it is.

    What is neither held nor in the picture shows "none".
    """
    rng = np.random.RandomState(seed)
    letters = np.array([*"".join(words)])
    signer = np.repeat(np.arange(len(words)), [len(word) for word in words])
    signers = draw_signers(len(words), rng)
    joints, rotation, forearm = pose(
        signers, signer, letters, np.zeros((len(letters), 3)), rng
    )
    scripts = [script(word) for word in words]
    who = np.repeat(np.arange(len(words)), [len(frames) for frames in scripts])
    first = np.searchsorted(signer, who)
    come, go, way, lowered = np.concatenate(scripts).T
    come, go = first + come.astype(int), first + go.astype(int)
    between = [_blend(array[come], array[go], way) for array in (joints, forearm)]
    tremble = Rotation.from_rotvec(
        np.radians(TREMBLE) * rng.standard_normal((len(who), 3))
    )
    turned = tremble.as_matrix() @ _straighten(
        _blend(rotation[come], rotation[go], way)
    )
    views = draw_views(len(words), 0.5, rng)
    views = type(views)(**{f.name: getattr(views, f.name)[who] for f in fields(views)})
    drift = DRIFT * rng.standard_normal((len(who), 2))
    drift[:, 1] += 1.5 * lowered
    noise = np.full(len(who), SENSOR_NOISE)
    views = replace(views, shift=views.shift + drift, noise=noise)
    look = signers.thickness[who], signers.tone[who]
    images, _ = render_images(
        between[0], turned, between[1], look, views, SIDE, False, rng
    )
    shown = np.where((way == 0) & (lowered == 0), letters[come], "none")
    return images, shown, who


def _blend(start, end, way):
    way = way.reshape(-1, *[1] * (start.ndim - 1))
    return (1 - way) * start + way * end


def _straighten(matrices):
    """Give the rotations that are nearest to means of rotations."""
    left, _, right = np.linalg.svd(matrices)
    return left @ right


def spoil(shown, share, seed):
    """Name a share of the frames by chance."""
    rng = np.random.RandomState(seed)
    named = shown.astype(object)
    wrong = rng.uniform(size=len(named)) < share
    named[wrong] = rng.choice([*LETTERS, "none"], wrong.sum())
    return named.tolist()


def write(frames, seed):
    """Let a stream write what the frames say, by a camera that is late."""
    late = np.abs(LATE * np.random.RandomState(seed).standard_normal(len(frames)))
    stream = LetterStream()
    for i, frame in enumerate(frames):
        text = stream.push(frame, i / RATE + late[i])
    return text


def errors(found, meant):
    """Count the fewest insertions, deletions and replacements between two lists."""
    row = np.arange(len(found) + 1)
    for i, wanted in enumerate(meant, 1):
        last, row = row, np.empty_like(row)
        row[0] = i
        for k, got in enumerate(found, 1):
            row[k] = min(last[k] + 1, row[k - 1] + 1, last[k - 1] + (got != wanted))
    return int(row[-1])


def judge(frames, shown, words, seed):
    """Compare what a stream writes with what was spelled."""
    text, letters = write(frames, seed), "".join(words)
    names = np.array(frames)
    return {
        "frames": len(frames),
        "named wrong": float(np.mean((names != shown) & (names != "none"))),
        "word error rate": errors(text.split(), words) / len(words),
        "letter error rate": errors(text.replace(" ", ""), letters) / len(letters),
        "text": text,
    }


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=len(WORDS))
    options = parser.parse_args(argv)
    rng = np.random.RandomState(0)
    words = rng.permutation(WORDS)[: options.words].tolist()
    others = ["".join(rng.choice(LETTERS, 5)) for _ in range(N_CALIBRATING)]
    predictor = LetterPredictor(load_pretrained())
    calibrating = film(others, seed=1)
    images, shown, _ = film(words, seed=2)
    predictions, cases = predictor.predict_many(images, top=1), {}
    for rate in ERROR_RATES:
        low = predictor.calibrate(*calibrating, error_rate=rate).rejection_threshold
        cases[f"hands, {rate:.0%} error, none below {low:.2f}"] = [
            p.letter if p.probability >= low else "none" for p in predictions
        ]
    for share in NOISE:
        cases[f"{share:.0%} noise"] = spoil(shown, share, seed=3)
    found = {
        name: judge(frames, shown, words, seed=4) for name, frames in cases.items()
    }
    header = ["frames named wrong", "word error rate", "letter error rate"]
    print(f"{len(words)} words, {len(shown):,} frames, {RATE} a second")
    print_table(
        ["", *header],
        [
            [name, *(f"{case[key.removeprefix('frames ')]:.3f}" for key in header)]
            for name, case in found.items()
        ],
    )
    save("letter_stream", {"words": words, "cases": found})


if __name__ == "__main__":
    main()
