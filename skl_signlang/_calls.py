"""Errors of a call that name the class of the caller, and no base of it."""

import inspect
from functools import wraps


def names_class(method):
    """Make errors of a call with wrong arguments name the class of the object."""

    @wraps(method)
    def run(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except TypeError:
            check_call(method, self, *args, **kwargs)
            raise

    return run


def check_call(method, instance, *args, **kwargs):
    """Check that arguments fit a method."""
    signature = inspect.signature(method)
    try:
        signature.bind(instance, *args, **kwargs)
    except TypeError as error:
        own = signature.replace(parameters=list(signature.parameters.values())[1:])
        call = f"{type(instance).__name__}.{method.__name__}"
        raise TypeError(f"{call}: {error}; it is called as {call}{own}.") from None
