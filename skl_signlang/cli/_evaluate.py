"""Evaluation of a model on labeled images."""

import numpy as np

from skl_signlang._errors import list_some
from skl_signlang._language import translate
from skl_signlang.cli._model_file import as_input, load_classifier, shape_of_model
from skl_signlang.cli._output import print_result
from skl_signlang.cli._read_samples import read_official_test, read_samples
from skl_signlang.cli._scores import describe_scores, score_letters


def evaluate(data, *, model=None, image_size=None, codes=None, saved_model=None):
    """Print the scores of a model on labeled images."""
    classifier = load_classifier(model, saved_model)
    samples = read_official_test(data, codes=codes)
    if samples is None:
        samples = read_samples(
            data,
            image_size=image_size,
            codes=codes,
            model_shape=shape_of_model(classifier),
        )
    known = np.isin(samples.target, classifier.classes_)
    if not known.any():
        raise ValueError(
            translate(
                "{data} shows {labels}; the model knows none of these, only {known}.",
                data=data,
                labels=list_some(samples.target_names),
                known=list_some(classifier.classes_),
            )
        )
    predicted = classifier.predict(as_input(samples.images, classifier))
    scores = score_letters(samples.target, predicted)
    lines = [
        translate("{n} images", n=len(predicted)),
        describe_scores(scores),
    ]
    unknown, counts = np.unique(samples.target[~known], return_counts=True)
    unknown = dict(zip(map(str, unknown), counts.tolist(), strict=True))
    accuracy = float(np.mean(predicted[known] == samples.target[known]))
    if unknown:
        letters = ", ".join(f"{label} ({n})" for label, n in unknown.items())
        lines.append(
            translate(
                "{n} images have labels that the model does not know: {labels}. They "
                "count as errors; accuracy on the other {n_known} is {accuracy:.4f}",
                n=sum(unknown.values()),
                labels=letters,
                n_known=known.sum(),
                accuracy=accuracy,
            )
        )
    print_result(
        "\n".join(lines),
        n_images=len(predicted),
        **scores,
        unknown_labels=unknown,
        accuracy_of_known_labels=accuracy,
    )
    return 0
