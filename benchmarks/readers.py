"""What reading pictures costs beside the usual way to read the same file.

Each case is a reader of this package and its rival, run in turns, each run in a process
of its own, from the cache of the disk. ``1/s`` are pictures a second of the median of a
first call, without imports; ``ratio`` the median over the pairs of the reader's seconds
divided by its rival's, and ``cpu`` the same of processor seconds, which other work on
the machine disturbs less; ``MB`` is the highest resident memory during the call less
that before it, ``ratio`` that of the two. Below 1 the reader takes less.

The pictures are rendered hands, 96 x 96 and in color: as JPEG files in a folder and in
a zip, as base64 text, and as arrays. Only the CSV files need Sign Language MNIST;
``--quick`` leaves them out.

``python -m benchmarks.readers [--sign-mnist PATH] [--pairs 5] [--pictures 6000]
[--quick]``
"""

import argparse
import base64
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import SIGN_MNIST, memory_mb, print_table, save

TRAIN = "sign_mnist_train.csv"
SIDE, SMALL = 96, (28, 28)
N_RENDERED = 120  # each is written again and again: no reader remembers it
QUICK = {"pairs": 2, "pictures": 600}


def by_load_csv(path):
    from skl_signlang.datasets import load_csv

    return lambda: load_csv(path).images


def by_load_sign_mnist(path):
    from skl_signlang.datasets import load_sign_mnist

    return lambda: load_sign_mnist(path).images


def by_load_json(path):
    from skl_signlang.datasets import load_json

    return lambda: load_json(path, color=True).images


def by_load_base64(path):
    from skl_signlang.datasets import load_base64

    return lambda: load_base64(path, color=True).images


def by_load_image_folder(path):
    from skl_signlang.datasets import load_image_folder

    return lambda: load_image_folder(path, color=True).images


def by_load_image_folder_small(path):
    from skl_signlang.datasets import load_image_folder

    return lambda: load_image_folder(path, image_size=SMALL).images


def by_load_image_folder_threads(path):
    from skl_signlang.datasets import load_image_folder

    return lambda: load_image_folder(path, color=True, n_jobs=-1).images


def by_load_samples(path):
    from skl_signlang.datasets import load_samples

    return lambda: load_samples(path).images


def by_pandas(path):
    import pandas as pd

    return lambda: pd.read_csv(path)


def by_pandas_uint8(path):
    import pandas as pd

    return lambda: pd.read_csv(path, dtype=np.uint8)


def in_color(file):
    from PIL import Image

    return np.asarray(Image.open(file).convert("RGB"))


def in_gray_small(file):
    from PIL import Image

    picture = Image.open(file).convert("L")
    return np.asarray(picture.resize(SMALL, Image.Resampling.BILINEAR))


def by_json_and_pillow(path):
    def read():
        with open(path) as lines:
            records = [json.loads(line) for line in lines]
        folder = Path(path).parent
        return np.stack([in_color(folder / record["content"]) for record in records])

    return read


def by_base64_and_pillow(path):
    def read():
        with open(path) as lines:
            records = [json.loads(line) for line in lines]
        contents = [base64.b64decode(record["image"]) for record in records]
        return np.stack([in_color(io.BytesIO(content)) for content in contents])

    return read


def by_pillow(path):
    return lambda: np.stack([in_color(f) for f in sorted(Path(path).glob("*/*"))])


def by_pillow_small(path):
    return lambda: np.stack([in_gray_small(f) for f in sorted(Path(path).glob("*/*"))])


def by_zipfile_and_pillow(path):
    def read():
        with zipfile.ZipFile(path) as archive:
            names = sorted(archive.namelist())
            return np.stack([in_color(archive.open(name)) for name in names])

    return read


def by_keras(path):
    import keras

    def read():
        dataset = keras.utils.image_dataset_from_directory(
            path, image_size=(SIDE, SIDE), shuffle=False, verbose=False
        )
        batches = [images.numpy() for images, _ in dataset]
        return np.concatenate(batches).astype(np.uint8)

    return read


def by_np_load(path):
    def read():
        with np.load(path) as file:
            return {name: file[name] for name in file}["images"]

    return read


READERS = {
    "load_csv": by_load_csv,
    "load_sign_mnist": by_load_sign_mnist,
    "load_json": by_load_json,
    "load_base64": by_load_base64,
    "load_image_folder": by_load_image_folder,
    "load_image_folder, 28x28": by_load_image_folder_small,
    "load_image_folder, all cores": by_load_image_folder_threads,
    "load_samples": by_load_samples,
    "pandas.read_csv": by_pandas,
    "pandas.read_csv, uint8": by_pandas_uint8,
    "json, Pillow": by_json_and_pillow,
    "json, base64, Pillow": by_base64_and_pillow,
    "Pillow": by_pillow,
    "Pillow, 28x28": by_pillow_small,
    "zipfile, Pillow": by_zipfile_and_pillow,
    "image_dataset_from_directory": by_keras,
    "np.load": by_np_load,
}
CSV_CASES = [  # reader, rival, file: a row of the table each
    ("load_csv", "pandas.read_csv", TRAIN),
    ("load_csv", "pandas.read_csv, uint8", TRAIN),
    ("load_csv", "pandas.read_csv", f"{TRAIN}.gz"),
    ("load_sign_mnist", "pandas.read_csv", TRAIN),
]
CASES = [
    ("load_json", "json, Pillow", "hands.jsonl"),
    ("load_base64", "json, base64, Pillow", "base64.jsonl"),
    ("load_image_folder", "Pillow", "hands"),
    ("load_image_folder, 28x28", "Pillow, 28x28", "hands"),
    ("load_image_folder", "zipfile, Pillow", "hands.zip"),
    ("load_image_folder, all cores", "image_dataset_from_directory", "hands"),
    ("load_samples", "np.load", "hands.npz"),
]


def measure(reader, path):
    """Measure one first call in this process."""
    read = READERS[reader](path)
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts anew
    before = memory_mb("VmRSS")
    start, cpu_start = time.perf_counter(), time.process_time()
    pictures = read()
    cpu, seconds = time.process_time() - cpu_start, time.perf_counter() - start
    return {
        "pictures": len(pictures),
        "seconds": seconds,
        "cpu": cpu,
        "growth_mb": memory_mb("VmHWM") - before,
    }


def measure_apart(reader, path):
    """Measure one first call in a process of its own."""
    run = json.dumps([reader, str(path)])
    command = [sys.executable, "-m", "benchmarks.readers", "--run", run]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def compare(reader, rival, path, pairs):
    """Measure a reader and its rival in turns, so that both meet the same load."""
    for file in [path, *path.rglob("*")]:
        if file.is_file():
            file.read_bytes()  # into the cache of the disk
    names = (reader, rival)
    runs = [[measure_apart(name, path) for name in names] for _ in range(pairs)]
    pictures, seconds, cpu, growth = (
        np.array([[run[key] for run in pair] for pair in runs])
        for key in ("pictures", "seconds", "cpu", "growth_mb")
    )
    growth = growth.max(axis=0)
    return {
        "reader": reader,
        "rival": rival,
        "file": path.name,
        "pictures": int(pictures[0, 0]),
        "seconds": np.median(seconds, axis=0).round(3).tolist(),
        "pictures_per_second": np.median(pictures / seconds, axis=0).round().tolist(),
        "ratio": round(float(np.median(seconds[:, 0] / seconds[:, 1])), 3),
        "cpu_ratio": round(float(np.median(cpu[:, 0] / cpu[:, 1])), 3),
        "growth_mb": growth.round(1).tolist(),
        "growth_ratio": round(float(growth[0] / growth[1]), 3),
    }


def unpack(archive, folder):
    """Put the CSV files of the cases into a folder."""
    with zipfile.ZipFile(archive) as opened:
        name = next(n for n in opened.namelist() if Path(n).name == TRAIN)
        content = opened.read(name)
    Path(folder, TRAIN).write_bytes(content)
    Path(folder, f"{TRAIN}.gz").write_bytes(gzip.compress(content, compresslevel=6))


def write_hands(folder, n):
    """Render hands and write them into a folder in every form but CSV.

    Parameters
    ----------
    folder : path-like
        Where ``hands``, ``hands.zip``, ``hands.jsonl``, ``base64.jsonl`` and
        ``hands.npz`` go.
    n : int
        Number of pictures.
    """
    from PIL import Image

    from skl_signlang.datasets import make_fingerspelling

    folder = Path(folder)
    hands = make_fingerspelling(
        min(n, N_RENDERED), image_size=SIDE, color=True, random_state=0
    )
    rows = np.arange(n) % len(hands.images)
    rows = rows[np.argsort(hands.target[rows], kind="stable")]
    with (
        zipfile.ZipFile(folder / "hands.zip", "w") as archive,
        open(folder / "hands.jsonl", "w") as addresses,
        open(folder / "base64.jsonl", "w") as texts,
    ):
        for number, row in enumerate(rows):
            file, letter = io.BytesIO(), str(hands.target[row])
            Image.fromarray(hands.images[row]).save(file, "JPEG", quality=90)
            content, name = file.getvalue(), f"hands/{letter}/{number:06}.jpg"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
            archive.writestr(name, content)
            print(json.dumps({"content": name, "label": letter}), file=addresses)
            text = base64.b64encode(content).decode()
            print(json.dumps({"image": text, "label": letter}), file=texts)
    np.savez(
        folder / "hands.npz", images=hands.images[rows], letters=hands.target[rows]
    )


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=6000)
    parser.add_argument("--quick", action="store_true", help="few rendered hands")
    parser.add_argument("--run", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.run:
        print(json.dumps(measure(*options.run)))
        return
    if options.quick:
        options.pairs, options.pictures = QUICK["pairs"], QUICK["pictures"]
    with tempfile.TemporaryDirectory() as folder:
        write_hands(folder, options.pictures)
        cases = CASES
        if not options.quick and options.sign_mnist.exists():
            unpack(options.sign_mnist, folder)
            cases = CSV_CASES + CASES
        elif not options.quick:
            print(f"skipped: CSV needs Sign Language MNIST at {options.sign_mnist}")
        rows = [
            compare(reader, rival, Path(folder, file), options.pairs)
            for reader, rival, file in cases
        ]
    print_table(
        [
            *("reader", "rival", "file", "1/s", "rival 1/s", "ratio", "cpu"),
            *("MB", "rival MB", "ratio"),
        ],
        [
            [
                *(row[key] for key in ("reader", "rival", "file")),
                *(f"{rate:,.0f}" for rate in row["pictures_per_second"]),
                row["ratio"],
                row["cpu_ratio"],
                *row["growth_mb"],
                row["growth_ratio"],
            ]
            for row in rows
        ],
    )
    save("readers", {"quick": options.quick, "pairs": options.pairs, "rows": rows})


if __name__ == "__main__":
    main()
