"""
18. From a model to a web page
==============================

A model is of use where a camera is. This trains a classifier of four letters, saves it
with its score, reads single images with it, writes it for other runtimes, and puts it
behind a REST API with a page for a browser. The hands are **rendered**; photographs ask
for a classifier that was trained longer (``load_pretrained("letters")``).

No port is opened here: FastAPI's test client talks to the application directly. Outside
of this script ``skl-signlang serve letters.signlang`` does the same for real. Serving
needs ``pip install "skl_signlang[serve,export]"``, and the test client ``httpx``.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_18.png"

import base64
import io
import tempfile
import time
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from skl_signlang import CNNClassifier
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.export import export
from skl_signlang.inference import LetterPredictor, LetterStream
from skl_signlang.model_selection import split_samples
from skl_signlang.persistence import save
from skl_signlang.serving import create_app

with warnings.catch_warnings():
    # it works with httpx, and says that it would rather have httpx2
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)
hands = make_fingerspelling(1200, letters="ACLY", n_signers=60, random_state=0)
train, calibration, test = split_samples(hands, (0.6, 0.2, 0.2), random_state=0)
model = CNNClassifier(
    filters=(8, 16),
    kernel_size=3,
    hidden_layer_sizes=(64,),
    learning_rate=3e-3,
    epochs=20,
    batch_size=32,
    random_state=0,
)
model.fit(train.images, train.target)
held_out = model.score(test.images, test.target)
print(f"signers never seen: {held_out:.3f}, {len(test.target)} images")
save(
    model,
    folder / "letters.signlang",
    metrics={"accuracy of signers never seen": held_out},
    data=f"{len(train.target)} rendered hands",
    groups="signers",
)

# %%
# One image
# ---------
# The course calls ``model.predict(image.reshape(1, 28, 28, 1) / 255)`` and looks the
# letter up. ``LetterPredictor`` takes what there is, a file, bytes, a data URL or an
# array, of any size, and answers with a letter.

predictor = LetterPredictor(folder / "letters.signlang")
image = Image.fromarray(test.images[0]).resize((160, 120))
image.save(folder / "hand.png")
answer = predictor.predict(folder / "hand.png", top=3)
print(f"it shows {test.target[0]}, predicted as {answer.letter}")
print([(letter, round(float(share), 3)) for letter, share in answer.top])

# %%
# A wall is not a letter
# ----------------------
# A network names something for everything. ``calibrate`` finds the probability below
# which the answer is "none", on signers that were held out for it, so that a new
# signer gets a wrong letter in no more than a tenth of the images, on average.

predictor.calibrate(
    calibration.images, calibration.target, calibration.groups, error_rate=0.1
)
read = [prediction.letter for prediction in predictor.predict_many(test.images)]
silent = np.mean(np.array(read) == "none")
wrong = np.mean((np.array(read) != "none") & (np.array(read) != test.target))
print(f"below {predictor.rejection_threshold:.3f} nothing is said")
print(f"new signers: {wrong:.3f} read wrongly, {silent:.3f} not read")

# %%
# Letters into words
# ------------------
# ``LetterStream`` takes the frames of a camera, here ten images a second of letters
# that are held for a second each, read by the model, and writes what is held. A letter
# of which the classifier is not sure is left out rather than guessed.

stream = LetterStream(predictor)
frames = [
    test.images[row]
    for letter in "CLAY"
    for row in np.resize(np.flatnonzero(test.target == letter), 10)
]
for number, frame in enumerate(frames):
    text = stream.push(frame, number / 10)
print(f"shown CLAY, written {text}")

# %%
# For other runtimes
# ------------------
# ONNX needs neither TensorFlow nor this package where it runs. The file is run before
# it takes its name, and must agree with the model.

export(model, folder / "letters.onnx", format="onnx")
fast = LetterPredictor(folder / "letters.onnx")
for name, one in (("Keras", predictor), ("ONNX Runtime", fast)):
    start = time.perf_counter()
    for image in test.images[:50]:
        one.predict(image)
    print(f"{name}: {(time.perf_counter() - start) * 20:.1f} ms an image, here and now")

# %%
# The web page
# ------------
# One line makes the application. Its page stands at ``/``, and whatever can send a
# image can ask it.

client = TestClient(create_app(folder / "letters.signlang"))
page = client.get("/")
print(f"GET / gives {page.status_code}, {page.headers['content-type']}")
content = (folder / "hand.png").read_bytes()
answer = client.post("/predict", files={"hand": ("hand.png", content, "image/png")})
best = answer.json()["predictions"][0]
print(f"a file to /predict: {best['letter']}, probability {best['probability']:.3f}")
url = "data:image/png;base64," + base64.b64encode(content).decode()
answer = client.post("/predict", params={"crop": "true"}, json={"hand": url})
seen = answer.json()["predictions"][0]["crop"]
print(f"a data URL to /predict: {answer.json()['predictions'][0]['letter']}")

# %%
# The same as TensorFlow Serving has it, so that its clients work unchanged:

body = {"instances": test.images[:3].tolist()}
answer = client.post("/v1/models/letters:predict", json=body)
shares = np.array(answer.json()["predictions"])
answer = client.get("/v1/models/letters/metadata")
print(f"columns are {answer.json()['metadata']['classes']}")
print(f"three images to :predict: {shares.shape}", end=" ")
print(f"of probabilities whose rows sum to 1: {np.allclose(shares.sum(axis=1), 1)}")

# %%
# What is not an image is refused in one sentence, and nothing of the inside is told:

answer = client.post("/predict", files={"hand": ("hand.png", b"no image", "image/png")})
print(answer.status_code, answer.json())

# %%
# What was sent, and what the model saw of it:

crop = Image.open(io.BytesIO(base64.b64decode(seen.split(",")[-1])))
figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
axes[0].imshow(image, cmap="gray")
axes[0].set_title("sent")
axes[1].imshow(crop, cmap="gray")
axes[1].set_title("seen")
for ax in axes[:2]:
    ax.set_axis_off()
letters = [letter for letter, _ in fast.predict(image, top=4).top]
axes[2].barh(letters, [share for _, share in fast.predict(image, top=4).top])
axes[2].invert_yaxis()
axes[2].set(xlabel="probability", xlim=(0, 1))
client.close()
temporary.cleanup()
