"""The Bunch that every loader returns."""

import numpy as np
from sklearn.utils import Bunch


def image_bunch(images, target, *, descr, groups=None, **more):
    """Return images (n, h, w[, c]) and labels (n,) as a Bunch."""
    images, target = np.require(images, requirements="C"), np.asarray(target)
    return Bunch(
        images=images,
        data=images.reshape(len(images), int(np.prod(images.shape[1:]))),
        target=target,
        target_names=np.unique(target),
        groups=None if groups is None else np.asarray(groups),
        DESCR=descr,
        **more,
    )
