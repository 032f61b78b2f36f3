"""TensorFlow as those have it who do not know this package.

`skl_signlang` turns oneDNN's kernels on where TensorFlow would not, by a variable of
the environment. What stands for others must not gain by that.
"""

import os

VARIABLE = "TF_ENABLE_ONEDNN_OPTS"


def environment():
    """Give the variables for a process that shall have it so."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


def start():
    """Start TensorFlow; to be called before anything of `skl_signlang` is imported."""
    import tensorflow as tf

    tf.linalg.matmul(tf.eye(2), tf.eye(2))
