"""Intervals of numeric parameters."""

from sklearn.utils import _param_validation

from skl_signlang._numbers import plain_number


class Interval(_param_validation.Interval):
    """Interval of scikit-learn that takes real numbers of any type.

    scikit-learn's raises a TypeError of NumPy for a `fractions.Fraction`.
    """

    def __contains__(self, value):
        return super().__contains__(plain_number(value))
