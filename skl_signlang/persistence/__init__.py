"""Persistence of fitted estimators without pickle.

A ``.signlang`` archive is a zip with a manifest (``manifest.json``: versions, classes,
image shape, parameters, scores, the hash of each other member), a model card
(``card.md``), the networks as ``.keras`` files, and all else in the format of skops_.
Loading never unpickles, and checks all members before any object is created.

.. _skops: https://skops.readthedocs.io

Functions
---------
card
    Return the model card.
load
    Load a fitted estimator from an archive, or a network from two files.
load_from_hub
    Load a fitted estimator from the Hugging Face Hub.
push_to_hub
    Upload an archive and its model card to the Hugging Face Hub.
save
    Write a fitted estimator to an archive.
"""

from skl_signlang.persistence._card import card
from skl_signlang.persistence._hub import load_from_hub, push_to_hub
from skl_signlang.persistence._load import load
from skl_signlang.persistence._manifest import metadata_of as metadata_of
from skl_signlang.persistence._save import save

__all__ = [
    "card",
    "load",
    "load_from_hub",
    "push_to_hub",
    "save",
]
