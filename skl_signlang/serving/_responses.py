"""Responses about predictions."""

import base64
import io

from PIL import Image

N_TOP = 5
"""Number of letters in a prediction, most probable first."""


def prediction_to_row(prediction, classes):
    """Return the probabilities in TensorFlow Serving's row format."""
    probabilities = dict(prediction.top)
    return [probabilities[letter] for letter in classes]


def prediction_to_json(name, prediction):
    """Return a prediction as JSON."""
    return {
        "name": name,
        "letter": prediction.letter,
        "probability": prediction.probability,
        "top": [
            {"letter": letter, "probability": probability}
            for letter, probability in prediction.top[:N_TOP]
        ],
    }


def to_data_url(crop):
    """Encode an image as a data URL."""
    file = io.BytesIO()
    pixels = crop[:, :, 0] if crop.shape[2] == 1 else crop
    Image.fromarray(pixels).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
