"""Errors of calls that name the class of the object rather than its base."""

import inspect
from functools import wraps


def names_class(method):
    """Decorate a method: errors of wrong arguments name the class of the object."""

    @wraps(method)
    def run(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except TypeError:
            check_call(method, self, *args, **kwargs)
            raise

    return run


def check_call(method, instance, *args, **kwargs):
    """Raise TypeError if arguments do not fit the signature of a method."""
    signature = inspect.signature(method)
    try:
        signature.bind(instance, *args, **kwargs)
    except TypeError as error:
        own = signature.replace(parameters=list(signature.parameters.values())[1:])
        call = f"{type(instance).__name__}.{method.__name__}"
        raise TypeError(f"{call}: {error}; it is called as {call}{own}.") from None
