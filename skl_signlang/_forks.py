"""Checks for forked processes, in which TensorFlow would block forever."""

import os
import sys

_inherited = False


def is_lost():
    """Check whether TensorFlow is unusable because the parent process used it."""
    return _inherited


def check_process():
    """Raise an error in a process that was forked after TensorFlow started."""
    if _inherited:
        raise RuntimeError(
            "This process was forked from one that had used TensorFlow, whose "
            "threads it lacks: it would block forever. Start processes by 'spawn' "
            "(multiprocessing.get_context('spawn')) or with joblib's backend 'loky', "
            "or fork before the first fit, predict or load: under gunicorn, load the "
            "model in each worker, without --preload."
        )


def _look():
    """Record in a forked child whether its parent had started TensorFlow."""
    global _inherited
    context = sys.modules.get("tensorflow.python.eager.context")
    there = getattr(context, "_context", None)
    _inherited = _inherited or getattr(there, "_initialized", False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_look)
