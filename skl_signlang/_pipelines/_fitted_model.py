"""A fitted classifier with the interface of an exported one."""

import numpy as np

from skl_signlang._pipelines._steps import (
    check_exclusive_classes,
    check_takes_bytes,
    check_takes_numbers,
    image_shape,
    list_steps,
    only_decodes,
    resize_mode_of,
)


class FittedModel:
    """Fitted classifier, thread-safe."""

    backend = "keras"

    def __init__(self, estimator):
        check_exclusive_classes(estimator, "LetterPredictor")
        check_takes_numbers(estimator, "LetterPredictor")
        check_takes_bytes(estimator)
        self.classifier = estimator
        self._estimator = _without_decoder(estimator)
        self.classes = np.asarray(estimator.classes_)
        self.image_shape = image_shape(estimator)
        self.resize_mode = resize_mode_of(estimator)
        self._names = getattr(estimator, "feature_names_in_", None)

    def __call__(self, images):
        """Predict probabilities."""
        if self.image_shape is None:
            return self._estimator.predict_proba(images)
        # scikit-learn's estimators take rows only
        rows = images.reshape(len(images), -1)
        if self._names is not None:
            import pandas as pd

            rows = pd.DataFrame(rows, columns=self._names)
        return self._estimator.predict_proba(rows)


def _without_decoder(estimator):
    """Remove a decoder at the start of a Pipeline: images are already decoded."""
    while hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_
    if hasattr(estimator, "steps") and only_decodes(list_steps(estimator)[0]):
        return estimator[1:]
    return estimator
