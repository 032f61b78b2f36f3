"""The program of ``docs/edge.md`` where there is no TensorFlow: memory and latency.

Exports the reader that comes with the package as LiteRT, with 32 and with 8 bits, makes
a virtual environment of three packages, and runs the program there on rendered hands of
128x128 pixels in PNG files. It must name what `LetterPredictor` names. Needs a package
registry.

``python -m benchmarks.edge``
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from PIL import Image

from benchmarks._report import print_table, save
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.export import export
from skl_signlang.inference import LetterPredictor
from skl_signlang.pretrained import load_pretrained

PAGE = Path(__file__).parents[1] / "docs" / "edge.md"
PACKAGES = ("ai-edge-litert", "numpy", "pillow")
N_PICTURES = 48

# runs in the environment, after the program and in its names
MEASURE = """
import importlib.util, time
assert importlib.util.find_spec("tensorflow") is None
def median(run, n=300):
    seconds = []
    for i in range(n):
        start = time.perf_counter()
        run(i)
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[n // 2]
lines = open("/proc/self/status").read().splitlines()
peak = next(line for line in lines if line.startswith("VmHWM:"))
print(json.dumps({
    "letters": [max(read(p).items(), key=lambda i: i[1])[0] for p in sys.argv[2:]],
    "file seconds": median(lambda i: read(sys.argv[2 + i % (len(sys.argv) - 2)])),
    "model seconds": median(lambda i: model.invoke()),
    "peak MB": int(peak.split()[1]) * 1024 / 1e6,
}))
"""


def program():
    """Take the program from the page."""
    return re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]


def make_environment(folder):
    """Install what the page says; give the environment's Python and its size."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    files = [path for path in (folder / "venv").rglob("*") if path.is_file()]
    return python, sum(path.stat().st_size for path in files)


def draw(folder):
    """Write pictures as files; give these and the pictures."""
    hands = make_fingerspelling(
        N_PICTURES, image_size=128, n_signers=N_PICTURES, random_state=77
    )
    paths = [folder / f"{i}.png" for i in range(N_PICTURES)]
    for path, image in zip(paths, hands.images, strict=True):
        Image.fromarray(image).save(path)
    return paths, hands.images


def run(python, script, model, paths, images):
    """Run the program, and compare it with `LetterPredictor`."""
    ran = subprocess.run(
        [python, script, model, *paths],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    found = json.loads(ran.stdout.splitlines()[-1])
    named = [p.letter for p in LetterPredictor(model).predict_many(images)]
    pairs = zip(named, found.pop("letters"), strict=True)
    same = sum(ours == theirs for ours, theirs in pairs)
    return {**found, "file MB": model.stat().st_size / 1e6, "same letters": same}


def measure(folder):
    """Run the program with each file."""
    paths, images = draw(folder)
    python, installed = make_environment(folder)
    script = folder / "read.py"
    script.write_text(program() + MEASURE)
    scales = make_fingerspelling(500, image_size=48, random_state=5_555).images
    eight = {"representative_data": scales, "max_accuracy_loss": 0.05}
    found = {}
    for name, arguments in (("32 bits", {}), ("8 bits", eight)):
        model = folder / name.replace(" ", "-")
        export(load_pretrained(), model, format="litert", **arguments)
        found[name] = run(python, script, model, paths, images)
    return found, installed


def main():
    with tempfile.TemporaryDirectory() as folder:
        found, installed = measure(Path(folder))
    print(f"{installed / 1e6:.0f} MB installed: {', '.join(PACKAGES)}, Python's, pip")
    print_table(
        ["", "file MB", "peak MB", "ms, a file", "ms, the model", "same letters"],
        [
            [
                name,
                f"{case['file MB']:.2f}",
                f"{case['peak MB']:.0f}",
                f"{1000 * case['file seconds']:.2f}",
                f"{1000 * case['model seconds']:.2f}",
                f"{case['same letters']} of {N_PICTURES}",
            ]
            for name, case in found.items()
        ],
    )
    save("edge", {"installed_bytes": installed, "bits": found})


if __name__ == "__main__":
    main()
