"""Rows of sparse matrices, which become dense batch by batch."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from skl_signlang._input_errors import dtypes_of_columns


class SparseRows:
    """A sparse matrix in place of an array: indexing makes rows of float32."""

    ndim = 2
    dtype = np.dtype(np.float32)

    def __init__(self, matrix):
        self._matrix = matrix
        self.shape = matrix.shape
        self.size = int(np.prod(matrix.shape))
        self.nbytes = self.size * self.dtype.itemsize

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        if isinstance(rows, int | np.integer):
            return self._matrix[[rows]].toarray()[0]
        return self._matrix[rows].toarray()

    def min(self):
        """Return the least value."""
        return self._matrix.min()

    def max(self):
        """Return the largest value."""
        return self._matrix.max()


def is_sparse(X):
    """Return whether X is a sparse matrix, or a table of sparse columns alone."""
    kinds = {type(dtype).__name__ for dtype in dtypes_of_columns(X)}
    return issparse(X) or kinds == {"SparseDtype"}


def validate_sparse(estimator, X, *, reset):
    """Check a sparse matrix as scikit-learn's `validate_data` does."""
    return SparseRows(
        validate_data(
            estimator, X, reset=reset, accept_sparse="csr", dtype=np.float32
        ).tocsr()
    )
