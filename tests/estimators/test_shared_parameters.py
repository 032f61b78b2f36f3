"""The table of shared parameters and the docstrings made of it."""

import re
from inspect import signature

import pytest
from numpydoc.docscrape import ClassDoc

import skl_signlang.estimators
from skl_signlang.estimators._shared_parameters import PARAMETERS, shared_parameters

ESTIMATORS = [
    getattr(skl_signlang.estimators, name) for name in skl_signlang.estimators.__all__
]


@pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda kind: kind.__name__)
def test_docstrings_list_the_parameters_in_the_order_of_the_signature(kind):
    documented = [
        name
        for entry in ClassDoc(kind)["Parameters"]
        for name in entry.name.split(", ")
    ]
    assert documented == list(signature(kind).parameters)
    assert set(documented) == kind._parameter_constraints.keys()
    assert not re.search(r"^ *\{\w+\}$", kind.__doc__, re.MULTILINE)


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_is_used(name):
    assert any(name in signature(kind).parameters for kind in ESTIMATORS)


def test_another_default_than_the_tables_must_be_named():
    class Unlike(skl_signlang.estimators.DenseClassifier):
        def __init__(self, *, epochs=7):
            self.epochs = epochs

    with pytest.raises(TypeError, match=r"Unlike has epochs=7; expected 20\."):
        shared_parameters()(Unlike)
    assert shared_parameters(epochs=7)(Unlike) is Unlike
