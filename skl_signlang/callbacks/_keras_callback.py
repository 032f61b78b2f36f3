"""Keras callbacks with parameters that scikit-learn can set."""

import copy
import inspect

import keras

from skl_signlang._errors import near_names
from skl_signlang.callbacks._searchable import SearchableCallback


class KerasCallback(SearchableCallback):
    """Keras callback that can be cloned, pickled and searched.

    Read more in the :doc:`User Guide </training>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    callback : class or str
        A subclass of `keras.callbacks.Callback`, or the name of one in Keras.
    **arguments : dict
        Arguments of the callback. They are parameters of this object too, so that a
        search can set ``callbacks__NAME__patience``.

    See Also
    --------
    skl_signlang.callbacks.StopAtMetric : Stop when a metric has reached a value.
    keras.callbacks.Callback : Base of the callbacks of Keras.

    Notes
    -----
    The parameter `callbacks` of estimators also takes callback objects of Keras, such
    as ``keras.callbacks.EarlyStopping(patience=3)``. Each fit uses a deep copy, and
    their parameters are the attributes named as arguments of the constructor.

    Examples
    --------
    >>> from skl_signlang.callbacks import KerasCallback
    >>> stop = KerasCallback("EarlyStopping", monitor="loss", patience=3)
    >>> stop.get_params()["patience"]
    3
    >>> stop.set_params(patience=5).build().patience
    5
    """

    def __init__(self, callback, **arguments):
        self.callback = callback
        self.arguments = arguments

    def get_params(self, deep=True):
        """Get the parameters: the class, and all arguments of its constructor.

        Parameters
        ----------
        deep : bool, default=True
            Ignored.

        Returns
        -------
        params : dict
            Parameters by name.
        """
        found = self._find()
        defaults = {
            name: default
            for name, default in ({} if found is None else arguments_of(found)).items()
            if default is not inspect.Parameter.empty
        }
        return {"callback": self.callback, **defaults, **self.arguments}

    def set_params(self, **params):
        """Set parameters.

        Parameters
        ----------
        **params : dict
            Parameters by name.

        Returns
        -------
        self : KerasCallback
            This object.

        Raises
        ------
        ValueError
            If a name is not an argument.
        """
        self.callback = params.pop("callback", self.callback)
        known = {**arguments_of(self._class()), **self.arguments}
        for name in params:
            if name not in known:
                raise ValueError(
                    f"Invalid parameter {name!r} for {self._class().__name__}: there "
                    f"are {', '.join(sorted(known))}."
                )
        self.arguments = {**self.arguments, **params}
        return self

    def build(self):
        """Build the callback for one fit.

        Returns
        -------
        callback : keras.callbacks.Callback
            A new callback.

        Raises
        ------
        ValueError, TypeError
            If the class does not exist or does not take the arguments.
        """
        try:
            return self._class()(**self.arguments)
        except TypeError as error:
            raise TypeError(
                f"{self._class().__name__} cannot be created with {self.arguments}: "
                f"{error}"
            ) from error

    def _find(self):
        """Return the class, or None."""
        found = self.callback
        if self._is_name():
            found = getattr(keras.callbacks, found, None)
        known = inspect.isclass(found) and issubclass(found, keras.callbacks.Callback)
        return found if known else None

    def _class(self):
        found = self._find()
        if found is not None:
            return found
        known = vars(keras.callbacks).items()
        names = [name for name, kind in known if inspect.isclass(kind)]
        hint = f" {near_names(self.callback, names)}" if self._is_name() else ""
        raise ValueError(
            "callback must be a subclass of keras.callbacks.Callback or the name of "
            f"one in Keras, such as 'EarlyStopping'; got {self.callback!r}.{hint}"
        )

    def _is_name(self):
        return isinstance(self.callback, str)


class GivenCallback(SearchableCallback):
    """Interface of a Keras callback object."""

    def __init__(self, callback):
        self.callback = callback

    def get_params(self, deep=True):
        """Return the attributes named as arguments of the constructor."""
        kept = vars(self.callback)
        names = arguments_of(type(self.callback))
        return {name: kept[name] for name in names if name in kept}

    def with_params(self, params):
        """Return the same callback with other parameters."""
        kept, kind = self.get_params(), type(self.callback)
        lost = sorted(set(arguments_of(kind)) - set(kept))
        if lost:
            raise ValueError(
                f"A {kind.__name__} does not store its {', '.join(lost)}, so it "
                f"cannot be rebuilt with {params}. Give "
                f"KerasCallback({kind.__name__}, ...) instead of it."
            )
        return KerasCallback(kind, **kept).set_params(**params)

    def build(self):
        """Return a deep copy."""
        try:
            return copy.deepcopy(self.callback)
        # attributes of a user's object may raise any error
        except Exception as error:
            raise TypeError(
                f"{self.callback!r} cannot be copied for a fit ({error}). Give "
                f"KerasCallback({type(self.callback).__name__}, ...) instead of it."
            ) from error


def arguments_of(kind):
    """Return the named arguments of a class and their defaults."""
    parameters = inspect.signature(kind).parameters.values()
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        parameter.name: parameter.default
        for parameter in parameters
        if parameter.kind in named
    }
