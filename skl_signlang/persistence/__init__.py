"""Keeping fitted estimators in files, without pickle.

A ``.signlang`` archive is a zip with a manifest (``manifest.json``: versions, classes,
shape of the pictures, the hash of each other member), the networks as Keras' own
``.keras`` files, and all else as skops_ writes it. Loading one never unpickles.

.. _skops: https://skops.readthedocs.io

Functions
---------
load
    Read a fitted estimator from an archive.
save
    Write a fitted estimator to an archive.
"""

from skl_signlang.persistence._load import load
from skl_signlang.persistence._save import save

__all__ = ["load", "save"]
