"""Layers that take strings, in networks of the user's own: their vocabularies.

A vocabulary is not among the weights of a network, so it is an argument of
`own_network`: a string for each layer, its terms joined by `SEPARATOR`.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SEPARATOR = "\0"
LARGEST = 2**24
"""Characters of all terms of a layer."""

_KINDS = (layers.TextVectorization, layers.StringLookup)
_ROWS = 4096  # from which a layer learns at once


@keras.saving.register_keras_serializable("skl_signlang")
class Columns(layers.Layer):
    """Choose columns of strings, as numbers where they hold such."""

    def __init__(self, columns, are_numbers, **kwargs):
        super().__init__(**kwargs)
        self.columns, self.are_numbers = tuple(columns), are_numbers

    def compute_output_spec(self, inputs):
        """Return the shape and the dtype of the columns."""
        dtype = "float32" if self.are_numbers else "string"
        return keras.KerasTensor((inputs.shape[0], len(self.columns)), dtype)

    def call(self, inputs):
        """Choose the columns."""
        chosen = tf.gather(inputs, self.columns, axis=-1)
        return tf.strings.to_number(chosen) if self.are_numbers else chosen

    def get_config(self):
        """Return the configuration."""
        own = {"columns": self.columns, "are_numbers": self.are_numbers}
        return {**super().get_config(), **own}


def set_vocabularies(built, vocabularies):
    """Set the vocabularies of the layers without one."""
    found = _without_vocabulary(built)
    if len(found) != len(vocabularies):
        raise ValueError(
            f"its network has {len(found)} layers of strings without a vocabulary, "
            f"but there are {len(vocabularies)} vocabularies."
        )
    for layer, terms in zip(found, vocabularies, strict=True):
        layer.set_vocabulary(terms.split(SEPARATOR))


def learn_vocabularies(built, X, groups, named):
    """Return the vocabulary that each layer without one learns from strings."""
    columns = dict(groups)
    found = []
    for layer in _without_vocabulary(built):
        if layer.get_config()["output_mode"] == "tf_idf":
            raise ValueError(
                f"model={named} has a {type(layer).__name__} with output_mode='tf_idf',"
                " whose weights are not learned here: use 'multi_hot' or 'count', or "
                "begin a Pipeline with TfidfVectorizer."
            )
        layer.adapt(_texts_before(built, layer, X, columns, named))
        terms = layer.get_vocabulary(include_special_tokens=False)
        found.append(_joined(terms, layer, named))
    return tuple(found)


def check_vocabularies(vocabularies):
    """Raise ValueError for vocabularies that are not strings of bounded size."""
    plain = isinstance(vocabularies, list | tuple) and all(
        isinstance(terms, str) and len(terms) <= LARGEST for terms in vocabularies
    )
    if not plain:
        raise ValueError(
            f"its vocabularies are not strings of at most {LARGEST:,} characters."
        )


def _joined(terms, layer, named):
    text = SEPARATOR.join(map(str, terms))
    if not terms or len(text) > LARGEST or text.count(SEPARATOR) != len(terms) - 1:
        raise ValueError(
            f"model={named}: the {type(layer).__name__} {layer.name} learned "
            f"{len(terms)} terms of {len(text):,} characters from X; expected 1 to "
            f"{LARGEST:,}, without the character zero. Set its max_tokens."
        )
    return text


def _without_vocabulary(built):
    found = [layer for layer in built._flatten_layers() if isinstance(layer, _KINDS)]
    # TextVectorization holds a StringLookup
    inner = {id(part) for one in found for part in one._flatten_layers(False)}
    return [
        layer
        for layer in found
        if id(layer) not in inner and layer.get_config()["vocabulary"] is None
    ]


def _texts_before(built, layer, X, columns, named):
    """Return the strings that reach a layer of a network."""
    try:
        before = keras.Model(built.inputs, layer.input)
    except (AttributeError, ValueError) as error:
        if X.shape[1] == 1:
            return tf.constant(X)
        raise ValueError(
            f"model={named} has the {type(layer).__name__} {layer.name} inside of a "
            "layer or a subclass, where it is not known which columns of X it takes: "
            "build a functional model, or give the layer its vocabulary."
        ) from error
    parts, inputs = [], built.inputs
    for start in range(0, len(X), _ROWS):
        rows = X[start : start + _ROWS]
        given = [_column_group(rows, columns, one.name) for one in inputs]
        # one string of each sample may have an axis or none
        given = [
            tf.reshape(part, (-1, *one.shape[1:]))
            for part, one in zip(given, inputs, strict=True)
        ]
        parts.append(before(given if len(given) > 1 else given[0]))
    return tf.concat(parts, axis=0)


def _column_group(rows, columns, name):
    """Return the columns of an input, as numbers if all of them hold such."""
    if not columns:
        return tf.constant(rows)
    chosen, are_numbers = columns[name]
    part = rows[:, list(chosen)]
    return tf.constant(part.astype(np.float32) if are_numbers else part)
