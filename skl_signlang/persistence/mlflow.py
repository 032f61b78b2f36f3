"""The archive as a model of MLflow.

MLflow imports this module to load a model that was logged with its name as
``loader_module``. Nothing is pickled.
"""

import pandas as pd

from skl_signlang.persistence import load


class _Model:
    """Model with the method that MLflow calls."""

    def __init__(self, estimator):
        self._estimator = estimator

    def predict(self, model_input, params=None):
        """Predict rows of a table, or images."""
        if isinstance(model_input, pd.DataFrame) and not hasattr(
            self._estimator, "feature_names_in_"
        ):
            model_input = model_input.to_numpy()
        return self._estimator.predict(model_input)


def _load_pyfunc(path):
    """Load the archive of a model."""
    return _Model(load(path))
