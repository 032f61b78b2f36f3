"""The one form in which every data set arrives."""

import numpy as np
from sklearn.utils import Bunch


def image_bunch(images, target, *, descr, groups=None, **more):
    """Put images and their labels into scikit-learn's container."""
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
