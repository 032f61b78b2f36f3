"""Export of networks of tables, and the data that exports are tested on."""

import warnings

import numpy as np

from skl_signlang.export._table_function import table_function
from skl_signlang.export._table_steps import draw_rows, n_features_of
from skl_signlang.persistence import metadata_of


class TableExport:
    """Fitted network of tables to export."""

    tolerance = 1e-4
    """Largest difference of a probability, or relative difference of a prediction, from
    the estimator's, whose steps before the network compute in float64."""

    data = "rows"

    def __init__(self, estimator):
        self._estimator = estimator
        self._classifies = hasattr(estimator, "classes_")
        self.result = "probability" if self._classifies else "prediction"

    def function(self):
        """Return the function to export; see `table_function`."""
        return table_function(self._estimator)

    def describe(self):
        """Return the metadata, as plain data."""
        names = getattr(self._estimator, "feature_names_in_", None)
        return {
            "n_features": int(n_features_of(self._estimator)),
            "feature_names": None if names is None else names.tolist(),
            "classes": metadata_of(self._estimator)["classes"],
        }

    def check_data(self, data):
        """Validate representative rows, and convert them for the estimator."""
        n_features = n_features_of(self._estimator)
        try:
            rows = np.asarray(data, dtype=np.float32)
        except (TypeError, ValueError):
            rows = np.empty(0)
        if rows.ndim != 2 or rows.shape[1] != n_features or not len(rows):
            raise ValueError(
                f"representative_data must hold rows of {n_features} numbers; got "
                f"shape {np.shape(data)}."
            )
        return rows

    def calibration(self, rows):
        """Return None: columns of different scales cannot share one 8-bit scale."""
        return rows[:0]

    def samples(self):
        """Generate rows like the training data, (n, n_features)."""
        return draw_rows(self._estimator).astype(np.float32)

    def expected(self, rows):
        """Return the estimator's results, (n, n_classes) or (n, n_outputs)."""
        rows = rows.astype(np.float64)
        names = getattr(self._estimator, "feature_names_in_", None)
        if names is not None:
            import pandas as pd

            rows = pd.DataFrame(rows, columns=names)
        with warnings.catch_warnings():
            # of generated rows
            warnings.simplefilter("ignore")
            if self._classifies:
                return self._estimator.predict_proba(rows)
            return self._estimator.predict(rows).reshape(len(rows), -1)

    def difference(self, found, expected):
        """Return the largest difference, relative to the largest prediction."""
        size = 1 if self._classifies else np.abs(expected).max()
        return np.abs(found - expected).max() / (size or 1)

    def loss(self, found, expected):
        """Return the fraction of rows with another predicted class, or 1 - R2."""
        if self._classifies:
            return np.mean(found.argmax(axis=1) != expected.argmax(axis=1))
        rest = np.sum((found - expected) ** 2)
        return rest / max(np.sum((expected - expected.mean(axis=0)) ** 2), 1e-300)

    def describe_loss(self, loss):
        """Describe a loss."""
        if self._classifies:
            return (
                f"{loss:.1%} of the representative rows are predicted as another "
                "class than by the estimator"
            )
        return f"predictions of the representative rows lose {loss:.1%} of their R2"
