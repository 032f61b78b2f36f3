"""Messages of a page: what it may ask for, and the bounds of each number."""

from typing import Annotated, Literal

import msgspec

from skl_signlang._web import HTTPError

MAX_MESSAGE_BYTES = 2048
"""Maximum bytes of a message."""

_Seed = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
_Penalty = Annotated[float, msgspec.Meta(ge=0, le=10)]
_Width = Annotated[int, msgspec.Meta(ge=1, le=8)]
_Feature = Literal["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"]


class _Message(msgspec.Struct, forbid_unknown_fields=True, tag_field="action"):
    """Base of the messages."""


class Start(_Message, tag="start"):
    """Make points and a network, and report it before its first epoch."""

    data: Literal["circle", "xor", "gaussian", "spiral"] = "circle"
    noise: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.0
    train_fraction: Annotated[float, msgspec.Meta(ge=0.1, le=0.9)] = 0.5
    data_seed: _Seed = 0
    features: Annotated[
        tuple[_Feature, ...], msgspec.Meta(min_length=1, max_length=7)
    ] = ("x1", "x2")
    hidden_layer_sizes: Annotated[tuple[_Width, ...], msgspec.Meta(max_length=6)] = (
        4,
        2,
    )
    activation: Literal["relu", "tanh", "sigmoid", "linear"] = "tanh"
    optimizer: Literal["sgd", "adam"] = "sgd"
    l1: _Penalty = 0.0
    l2: _Penalty = 0.0
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=50)] = 10
    network_seed: _Seed = 0


class Train(_Message, tag="train"):
    """Train for some epochs, or as many of them as fit in the time of an answer."""

    epochs: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    learning_rate: Annotated[float, msgspec.Meta(gt=0, le=10)] = 0.03


class Stop(_Message, tag="stop"):
    """End the training of the connection."""


def parse_message(text):
    """Parse a message; raise HTTPError for what is not one."""
    if text is None:
        raise HTTPError(400, "a message is JSON text; got bytes")
    content = text.encode("utf-8", "surrogatepass")
    if len(content) > MAX_MESSAGE_BYTES:
        raise HTTPError(413, f"the message has more than {MAX_MESSAGE_BYTES:,} bytes")
    try:
        message = msgspec.json.decode(content, type=Start | Train | Stop)
    except (msgspec.DecodeError, RecursionError) as error:
        raise HTTPError(400, f"the message is not valid: {error}") from None
    if isinstance(message, Start) and len({*message.features}) < len(message.features):
        raise HTTPError(400, "the message is not valid: features are repeated")
    return message
