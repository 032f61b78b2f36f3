"""One thread setting for all: what OpenMP is told, TensorFlow is told.

joblib's loky workers are started with ``OMP_NUM_THREADS`` set to their share of the
cores. TensorFlow does not read it, and what it does read counts only before it starts.
"""

import os


def pass_threads_to_tensorflow():
    """Hand ``OMP_NUM_THREADS``, where it is set, to TensorFlow's own variables."""
    threads = os.environ.get("OMP_NUM_THREADS")
    if threads and threads.isdecimal():
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", threads)
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", threads)
