"""Evaluation of a model on labeled images."""

import numpy as np

from skl_signlang._errors import list_some
from skl_signlang.cli._model_file import as_rows, load_classifier
from skl_signlang.cli._read_samples import read_official_test, read_samples
from skl_signlang.cli._scores import describe_scores, score_letters


def evaluate(data, *, model=None, image_size=None, codes=None, saved_model=None):
    """Print the scores of a model on labeled images."""
    classifier, image_shape = load_classifier(model, saved_model)
    samples = read_official_test(data, codes=codes)
    if samples is None:
        samples = read_samples(data, image_size=image_size, codes=codes)
    known = np.isin(samples.target, classifier.classes_)
    if not known.any():
        raise ValueError(
            f"{data} shows {list_some(samples.target_names)}; the model knows none of "
            f"these, only {list_some(classifier.classes_)}."
        )
    predicted = classifier.predict(as_rows(samples.images, image_shape))
    print(f"{len(predicted)} images")
    print(describe_scores(score_letters(samples.target, predicted)))
    if not known.all():
        unknown, counts = np.unique(samples.target[~known], return_counts=True)
        letters = ", ".join(f"{a} ({n})" for a, n in zip(unknown, counts, strict=True))
        accuracy = np.mean(predicted[known] == samples.target[known])
        print(
            f"{counts.sum()} images have labels that the model does not know: "
            f"{letters}. They count as errors; accuracy on the other {known.sum()} is "
            f"{accuracy:.4f}"
        )
    return 0
