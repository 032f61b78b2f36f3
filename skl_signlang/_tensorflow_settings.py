"""Environment variables that TensorFlow reads before it starts.

joblib starts loky workers with ``OMP_NUM_THREADS`` set to their share of the cores,
which TensorFlow does not read. On processors without AVX-512, TensorFlow does not use
the kernels of oneDNN, with which convolutions train 1.5 to 1.8 times as fast
(``python -m benchmarks.throughput``).
"""

import os
import platform

from skl_signlang._quiet import quiet_level

X86_64 = "x86_64", "AMD64"


def set_up_tensorflow():
    """Set unset variables: threads from ``OMP_NUM_THREADS``, oneDNN, log level.

    ``TF_NUM_INTRAOP_THREADS``, ``TF_NUM_INTEROP_THREADS`` and ``TF_ENABLE_ONEDNN_OPTS``
    keep the values that the user has set.
    """
    threads = os.environ.get("OMP_NUM_THREADS")
    if threads and threads.isdecimal():
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", threads)
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", threads)
    quiet_level()
    if platform.machine() in X86_64:
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
