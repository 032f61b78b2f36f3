"""The one form in which every data set arrives."""

import numpy as np
from sklearn.utils import Bunch


def image_bunch(images, target, *, descr, groups=None, **more):
    """Put pictures and their labels into scikit-learn's container.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, h, w) or (n, h, w, c)
        Pictures; ``data`` becomes their flat view. They are copied only if they lie in
        memory in another order, and so have none.
    target : array-like, shape (n,)
        The label of each, as a rule a letter.
    descr : str
        What the data are and where they come from.
    groups : array-like of int, shape (n,), default=None
        What must not straddle a split, such as the signer; None if unknown.
    **more
        Further entries.

    Returns
    -------
    bunch : Bunch
        With ``images``, ``data`` (n, features), ``target``, ``target_names``,
        ``groups``, ``DESCR`` and the entries of `more`.
    """
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
