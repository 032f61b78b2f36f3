"""The hooks of the base of all estimators, as its module lists them."""

import re
from pathlib import Path

import skl_signlang.estimators
from skl_signlang.estimators import NetworkEstimator, _base

# of scikit-learn, or of a mixin that calls it itself
OTHERS = {"_parameter_constraints", "_routing_prefixes"}
# called by a mixin of the base
INNER = {"_default_loss"}


def own(kinds):
    return {kind for kind in kinds if kind.__module__.startswith("skl_signlang.")}


def test_the_base_lists_each_hook_that_a_subclass_overrides():
    listed = set(re.findall(r"`(_\w+)`", _base.__doc__)) - INNER
    bases = own(NetworkEstimator.__mro__)
    names = skl_signlang.estimators.__all__
    kinds = own({k for name in names for k in getattr(skl_signlang, name).__mro__})
    called = set(re.findall(r"self\.(_\w+)", Path(_base.__file__).read_text()))
    known = called | {name for kind in bases for name in vars(kind)}
    overridden = {
        name
        for kind in kinds - bases
        for name in vars(kind)
        if re.fullmatch(r"_[a-z]\w*", name)
    }
    assert (overridden & known) - OTHERS == listed
