"""Errors of a call that name the class of the caller, and no base of it."""

import inspect
from functools import wraps


def names_class(method):
    """Decorate a method of a base: a call that does not fit names the object's class.

    Parameters
    ----------
    method : callable
        Of a class.

    Returns
    -------
    method : callable
        With the same signature.
    """

    @wraps(method)
    def run(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except TypeError:
            check_call(method, self, *args, **kwargs)
            raise

    return run


def check_call(method, instance, *args, **kwargs):
    """Check that arguments fit a method.

    Parameters
    ----------
    method : callable
        Of the instance's class, or a base of it.
    instance : object
        Whose method is called.
    *args, **kwargs : object
        Its other arguments.

    Raises
    ------
    TypeError
        If there are too many or too few; it names the instance's class.
    """
    signature = inspect.signature(method)
    try:
        signature.bind(instance, *args, **kwargs)
    except TypeError as error:
        own = signature.replace(parameters=list(signature.parameters.values())[1:])
        call = f"{type(instance).__name__}.{method.__name__}"
        raise TypeError(f"{call}: {error}; it is called as {call}{own}.") from None
