"""Check that samples can be chosen, which those of a data set cannot."""

import sys


def check_splittable(name, *inputs):
    """Raise TypeError for a `tf.data.Dataset` or a `keras.utils.PyDataset`."""
    keras = sys.modules.get("keras")
    for given in inputs:
        is_batches = keras is not None and isinstance(given, keras.utils.PyDataset)
        if is_batches or hasattr(given, "element_spec"):
            raise TypeError(
                f"{name} takes arrays, of which it splits the samples; got a "
                f"{type(given).__name__}. Concatenate its batches first: X, y = "
                "map(np.concatenate, zip(*batches))."
            )
