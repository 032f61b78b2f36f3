"""Persistence of fitted estimators without pickle.

A ``.signlang`` archive is a zip with a manifest (``manifest.json``: versions, classes,
shape of the images, parameters, scores, the hash of each other member), a card to
read (``card.md``), the networks as Keras' own ``.keras`` files, and all else as skops_
writes it. Loading one never unpickles, and checks all before anything is made of it.

.. _skops: https://skops.readthedocs.io

Functions
---------
card
    Say what a model is: its data, score, letters and limits.
load
    Read a fitted estimator from an archive, or a network from two files.
save
    Write a fitted estimator to an archive.
"""

from skl_signlang.persistence._archive import LITERT_MARK as LITERT_MARK
from skl_signlang.persistence._archive import ONNX_MARK as ONNX_MARK
from skl_signlang.persistence._card import card
from skl_signlang.persistence._load import load
from skl_signlang.persistence._manifest import facts_of as facts_of
from skl_signlang.persistence._save import save

__all__ = [
    "card",
    "load",
    "save",
]
