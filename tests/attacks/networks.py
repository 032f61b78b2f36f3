"""Networks: layers that run code, compute while they are made, or are too large."""

import copy
import json

from attacks.table import (
    GOLDEN,
    MEGABYTE,
    NETWORK,
    Case,
    archive,
    resealed,
    unzip,
    with_network,
    zipped,
)

CONFIG = json.loads(unzip(unzip(GOLDEN.read_bytes())[NETWORK])["config.json"])
INPUT = CONFIG["config"]["layers"][0]["name"]
LAYERS = {entry["name"]: entry for entry in CONFIG["config"]["layers"]}


def written(config):
    """Give an archive with another description of its network."""
    return with_network(**{"config.json": json.dumps(config).encode()})


def changed(change):
    """Give an archive whose network was changed by a function of its layers."""
    config = copy.deepcopy(CONFIG)
    change(config["config"]["layers"])
    return written(config)


def tensor(name=INPUT, index=0, shape=(None, 6, 6, 1)):
    """Describe what a layer gives."""
    history = {"shape": shape, "dtype": "float32", "keras_history": [name, index, 0]}
    return {"class_name": "__keras_tensor__", "config": history}


def call(*args, **kwargs):
    """Describe one call of a layer."""
    return {"args": list(args), "kwargs": kwargs}


def layer(class_name, *nodes, module="keras.layers", **config):
    """Describe a layer."""
    name = config.setdefault("name", "hostile")
    entry = {"module": module, "class_name": class_name, "config": config}
    nodes = [*nodes] or [call(tensor())]
    return {**entry, "registered_name": None, "name": name, "inbound_nodes": nodes}


def added(*entries):
    """Give an archive whose network has more layers, connected to no output."""
    return changed(lambda layers: layers.extend(entries))


def replaced(index, **config):
    """Give an archive whose network has a layer with other arguments."""

    def change(layers):
        layers[index]["config"].update(config)

    return changed(change)


def case(kind, name, build, reason=""):
    return Case(kind, name, archive(build), f"{NETWORK}: .*{reason}")


# --- code and files -------------------------------------------------------------------

CODE = {
    "Lambda": {"function": ["AAAA", None, None]},
    "TFSMLayer": {"filepath": "/tmp", "call_endpoint": "serve"},
    "TorchModuleWrapper": {},
    "JaxLayer": {"call_fn": "AAAA"},
    "FlaxLayer": {},
    "StringLookup": {"vocabulary": "/etc/hosts"},
    "IntegerLookup": {"vocabulary": "/etc/hosts"},
    "TextVectorization": {"vocabulary": "/etc/hosts"},
    "Hashing": {"num_bins": 10**9},
    "Embedding": {"input_dim": 10**9, "output_dim": 4},
    "CategoryEncoding": {"num_tokens": 10**9},
    "Discretization": {"bin_boundaries": [1.0]},
    "RepeatVector": {"n": 10**9},
    "LSTM": {"units": 10**6},
    "MultiHeadAttention": {"num_heads": 10**5, "key_dim": 10**5},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": [10**9]},
    "STFTSpectrogram": {"frame_length": 10**8},
    "MelSpectrogram": {"fft_length": 10**8},
    "RandomCrop": {"height": 10**6, "width": 10**6},
    "Pipeline": {"layers": []},
    "Wrapper": {"layer": {}},
    "SpectralNormalization": {"layer": {}},
    "HashedCrossing": {"num_bins": 10**9},
    "Conv3D": {"filters": 10**6, "kernel_size": 9},
}
CASES = [
    case(
        "layers that are not written here",
        name,
        lambda name=name, config=config: added(layer(name, **config)),
        rf"names keras\.layers\.{name}, which is refused",
    )
    for name, config in CODE.items()
]

OBJECTS = {
    "get_file": ("keras.utils", "function", "get_file"),
    "os.system": ("os", "function", "system"),
    "subprocess.Popen": ("subprocess", "Popen", {}),
    "builtins.eval": ("builtins", "function", "eval"),
    "builtins.exec": ("builtins", "function", "exec"),
    "ops.load": ("keras.ops", "function", "ones"),
    "load_model": ("keras.models", "function", "load_model"),
    "keras.src eval": ("keras.src.backend", "function", "eval"),
    "lambda": (None, "__lambda__", {"value": "AAAA"}),
    "typespec": ("tensorflow", "__typespec__", [[1], "float32"]),
    "callback": ("keras.callbacks", "ModelCheckpoint", {"filepath": "/tmp/x"}),
    "metric": ("keras.metrics", "Accuracy", {}),
    "application": ("keras.applications", "MobileNet", {}),
    "inner name": ("keras.src.layers.core.lambda_layer", "Lambda", {}),
    "legacy": ("keras.src.legacy.layers", "RandomHeight", {"factor": 1}),
    "random": ("keras.random", "SeedGenerator", {"seed": 1}),
    "policy": ("keras.quantizers", "AbsMaxQuantizer", {"axis": 0}),
    "initializer of files": ("keras.initializers", "STFT", {}),
}


def named(module, class_name, config):
    entry = {"module": module, "class_name": class_name, "config": config}
    return {**entry, "registered_name": None}


for name, parts in OBJECTS.items():
    entry = named(*parts)
    CASES += [
        case(
            "names in arguments",
            f"{name} as {argument}",
            lambda entry=entry, argument=argument: replaced(2, **{argument: entry}),
            "is refused",
        )
        for argument in ("activation", "kernel_initializer")
    ]
for registered in ("Custom>Dense", "skl_signlang>Dense", "os", 1):
    CASES.append(
        case(
            "registered names",
            str(registered),
            lambda registered=registered: changed(
                lambda layers: layers[-1].update(registered_name=registered)
            ),
            "which is refused",
        )
    )


# --- weights that are counted too late ------------------------------------------------

DENSE = {"units": 200_000_000}
LARGE = {
    "Dense": layer("Dense", **DENSE),
    "Conv2D": layer("Conv2D", filters=10**8, kernel_size=[3, 3], padding="same"),
    "DepthwiseConv2D": layer(
        "DepthwiseConv2D", depth_multiplier=10**8, kernel_size=3, padding="same"
    ),
    "SeparableConv2D": layer(
        "SeparableConv2D",
        depth_multiplier=1,
        filters=10**8,
        kernel_size=3,
        padding="same",
    ),
    "LayerScale": layer(
        "LayerScale",
        module="keras.src.applications.convnext",
        init_values=1.0,
        projection_dim=10**9,
    ),
    "built for more": layer("Dense", units=1000)
    | {"build_config": {"input_shape": [None, 10**8]}},
    "by a Constant": layer(
        "Dense", kernel_initializer=named("keras.initializers", "Ones", {}), **DENSE
    ),
}
CASES += [
    case(
        "layers that reach no output",
        name,
        lambda entry=entry: added(entry),
        "weights|does not match its input",
    )
    for name, entry in LARGE.items()
]
CONSTANT = {"axis": [1, 2, 3], "invert": False, "mean": 0.0, "variance": 1.0}
SIDE = (None, 4096, 4096, 1)
CASES += [
    case(
        "a number that is repeated",
        "Normalization",
        lambda: added(
            layer("ZeroPadding2D", name="wide", padding=[[2045, 2045]] * 2),
            layer("Normalization", call(tensor("wide", shape=SIDE)), **CONSTANT),
        ),
        "its mean has 1 numbers for 16,777,216 features",
    )
]


def nested(depth):
    """Describe models in models around a large layer."""
    entry = layer("Dense", name="inner", **DENSE)
    for level in range(depth):
        source = layer("InputLayer", batch_shape=[None, 6, 6, 1], name="in")
        source["inbound_nodes"] = []
        inner = {**entry, "inbound_nodes": [call(tensor("in"))]}
        entry = layer(
            "Functional",
            module="keras.src.models.functional",
            name=f"model_{level}",
            layers=[source, inner],
            input_layers=["in", 0, 0],
            output_layers=[inner["name"], 0, 0],
        )
    return entry


def chained(n):
    """Describe a model that calls a model twice that calls a model twice ..."""
    source = layer("InputLayer", batch_shape=[None, 6, 6, 1], name="in")
    source["inbound_nodes"] = []
    entry = layer("Activation", activation="relu", name="inner")
    for level in range(n):
        nodes = [call(tensor("in")), call(tensor(entry["name"]))]
        inner = {**entry, "inbound_nodes": nodes}
        entry = layer(
            "Functional",
            module="keras.src.models.functional",
            name=f"model_{level}",
            layers=[source, inner],
            input_layers=["in", 0, 0],
            output_layers=[inner["name"], 1, 0],
        )
    return entry


CASES += [
    case("models in models", "one", lambda: added(nested(1)), "weights"),
    case("models in models", "five", lambda: added(nested(5)), "weights"),
    case("models in models", "twenty", lambda: added(nested(20)), "too deeply"),
    case("models in models", "doubling", lambda: added(chained(7)), ""),
    case(
        "models in models",
        "compiled",
        lambda: added(nested(1) | {"compile_config": {"optimizer": "sgd"}}),
        "compiled",
    ),
    case(
        "models in models",
        "a Sequential without an input",
        lambda: added(layer("Sequential", module="keras", layers=[])),
        "has no input shape",
    ),
]


# --- layers that compute while they are made ------------------------------------------

ONE = {"value": 1, "dtype": "int32"}
CONSTANTS = {
    "nothing": [],
    "a number": [1.0],
    "a list": [[1, 2, 3]],
    "numbers": [{"class_name": "__numpy__", "config": ONE}],
    "a tensor": [
        {"class_name": "__tensor__", "config": {"value": 1, "dtype": "int32"}}
    ],
    "a tensor of its own": [
        {"class_name": "__keras_tensor__", "config": {"shape": [9], "dtype": "int32"}}
    ],
    "a tensor without history": [
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [9], "dtype": "int32", "keras_history": None},
        }
    ],
    "itself": [tensor("hostile")],
    "missing input": [tensor("nobody")],
    "an earlier call": [tensor(INPUT, -1)],
    "a later call": [tensor(INPUT, 7)],
}
ON = {
    "ZeroPadding2D": {"padding": [[30_000, 0], [30_000, 0]]},
    "UpSampling2D": {"size": [30_000, 30_000]},
    "Resizing": {"height": 30_000, "width": 30_000},
}
CASES += [
    case(
        "layers on constants",
        f"{class_name} on {name}",
        lambda c=class_name, o=options, a=args: added(layer(c, call(*a), **o)),
        "",
    )
    for class_name, options in ON.items()
    for name, args in CONSTANTS.items()
]
for dtype in ("U2000000", "S100000000", "V1000000000", "object", "complex128", "O", 7):
    config = {"value": 1, "dtype": dtype}
    CASES.append(
        case(
            "constants of other dtypes",
            str(dtype),
            lambda config=config: added(
                layer(
                    "Add",
                    call(tensor(), {"class_name": "__numpy__", "config": config}),
                    module="keras.src.ops.numpy",
                )
            ),
            "__numpy__.*refused",
        )
    )
for name, value in {
    "a million": [0] * 10**6,
    "text": "1" * 10**6,
    "ragged": [[1, 2], [3]],
    "deep": json.loads("[" * 40 + "1" + "]" * 40),
    "empty": [],
}.items():
    config = {"value": value, "dtype": "float32"}
    CASES.append(
        case(
            "constants that are large or none",
            name,
            lambda config=config: added(
                layer(
                    "Add",
                    call(tensor(), {"class_name": "__numpy__", "config": config}),
                    module="keras.src.ops.numpy",
                )
            ),
            "",
        )
    )


# --- what is large between the layers -------------------------------------------------

WIDE = {
    "ZeroPadding2D": {"padding": [[10**6, 10**6], [10**6, 10**6]]},
    "ZeroPadding2D of one side": {"padding": [[0, 10**9], [0, 0]]},
    "UpSampling2D": {"size": [10**5, 10**5]},
    "Resizing": {"height": 10**5, "width": 10**5},
}
CASES += [
    case(
        "values between layers",
        name,
        lambda n=name, o=options: added(layer(n.partition(" ")[0], **o)),
        "values are computed",
    )
    for name, options in WIDE.items()
]
CASES.append(
    case(
        "values between layers",
        "twice as many, thirty times",
        lambda: added(
            *(
                layer(
                    "Concatenate",
                    call([tensor(f"h{i - 1}" if i else INPUT)] * 2),
                    axis=-1,
                    name=f"h{i}",
                )
                for i in range(30)
            )
        ),
        "values are computed",
    )
)


# --- arguments ------------------------------------------------------------------------

ARGUMENTS = {
    "negative units": {"units": -1},
    "units of text": {"units": "9" * 100},
    "units as a list": {"units": [1, 2]},
    "units as true": {"units": True},
    "units of float": {"units": 1e9},
    "units out of range": {"units": 10**30},
    "lora": {"units": 3, "lora_rank": 4},
    "quantized": {"units": 3, "quantization_config": {"x": 1}},
    "constraint": {
        "units": 3,
        "kernel_constraint": named("keras.constraints", "MaxNorm", {}),
    },
    "dtype": {"units": 3, "dtype": "complex128"},
    "policy": {
        "units": 3,
        "dtype": named("keras", "QuantizedDTypePolicy", {"mode": "int8"}),
    },
    "activation": {"units": 3, "activation": "os.system"},
    "initializer of numbers": {
        "units": 3,
        "kernel_initializer": named(
            "keras.initializers", "Constant", {"value": [[0] * 20_000]}
        ),
    },
    "initializer's seed": {
        "units": 3,
        "kernel_initializer": named(
            "keras.initializers", "Ones", {"seed": named("os", "system", {})}
        ),
    },
    "name": {"units": 3, "name": "x" * 10**5},
    "unknown": {"units": 3, "file": "/etc/passwd"},
}
CASES += [
    case(
        "arguments of layers",
        name,
        lambda config=config: added(layer("Dense", **config)),
        "",
    )
    for name, config in ARGUMENTS.items()
]


# --- the graph and the text -----------------------------------------------------------


def reordered(layers):
    layers.reverse()
    layers[:0] = [
        layer("Activation", call(tensor(f"a{i + 1}")), activation="relu", name=f"a{i}")
        for i in range(3000)
    ]


GRAPHS = {
    "backwards": reordered,
    "no layers": lambda layers: layers.clear(),
    "two of a name": lambda layers: layers.append(layers[1]),
    "no calls": lambda layers: layers[1].update(inbound_nodes=[]),
    "old calls": lambda layers: layers[1].update(inbound_nodes=[[[INPUT, 0, 0, {}]]]),
    "many layers": lambda layers: layers.extend(
        layer("Activation", activation="relu", name=f"a{i}") for i in range(30_000)
    ),
    "many calls": lambda layers: layers.append(
        layer("Activation", *[call(tensor())] * 50_000, activation="relu")
    ),
    "a mask": lambda layers: layers[1].update(
        inbound_nodes=[call(tensor(), mask=tensor())]
    ),
    "no text for a name": lambda layers: layers[1].update(name=[1]),
    "a fixed number of images": lambda layers: layers[0]["config"].update(
        batch_shape=[10**9, 6, 6, 1]
    ),
    "a shape without an end": lambda layers: layers[0]["config"].update(
        batch_shape=[None] * 100
    ),
}
CASES += [
    case("graphs", name, lambda change=change: changed(change))
    for name, change in GRAPHS.items()
]


def with_model(**config):
    """Give an archive whose model itself has other arguments."""
    changed = copy.deepcopy(CONFIG)
    changed["config"].update(config)
    return written(changed)


ENDS = CONFIG["config"]["output_layers"]
MODELS = {
    "trainable as a long list": {"trainable": [1] * 10**5},
    "a dtype as a list": {"dtype": [1] * 10**5},
    "a name that leads out": {"name": "../evil"},
    "an output thousands of times": {"output_layers": [ENDS] * 5000},
    "an input twice": {"input_layers": [CONFIG["config"]["input_layers"]] * 2},
    "more": {"file": "/etc/passwd"},
}
CASES += [
    case(
        "registered names",
        f"{name} of the model",
        lambda name=name: written({**CONFIG, "registered_name": name}),
        "registered name",
    )
    for name in ("keras>Functional", "Custom>Functional", ["Functional"])
]
CASES += [
    case("arguments of models", name, lambda config=config: with_model(**config))
    for name, config in MODELS.items()
]
TEXTS = {
    "empty lists": b'{"a":[' + b"[]," * (5 * MEGABYTE) + b"[]]}",
    "empty dicts": b'{"a":[' + b"{}," * (5 * MEGABYTE) + b"{}]}",
    "deep": b'{"a":' + b"[" * 10**6 + b"]" * 10**6 + b"}",
    "a long number": b'{"a":' + b"9" * MEGABYTE + b"}",
    "no text": b"\xff\xfe" * 100,
    "a list": b"[]",
    "too long": b'{"a":"' + b"x" * (17 * MEGABYTE) + b'"}',
    "nothing": b"{}",
    "no config": b'{"class_name":"Functional","module":"keras.src.models.functional"}',
}
CASES += [
    case("text of networks", name, lambda t=text: with_network(**{"config.json": t}))
    for name, text in TEXTS.items()
]
MANY = {
    "lists": [[]] * 500_000,
    "numbers": [1] * 1_000_000,
    "objects": [{}] * 500_000,
}
CASES += [
    case(
        "values that nobody reads",
        name,
        lambda values=values: written({**CONFIG, "other": values}),
        "exceeds .* JSON values",
    )
    for name, values in MANY.items()
]
SHARED = named("keras.initializers", "Ones", {}) | {"shared_object_id": 1}
CASES += [
    case(
        "objects that stand for others",
        "of another kind",
        lambda: replaced(
            2,
            kernel_initializer=SHARED,
            bias_initializer=SHARED | {"class_name": "Zeros"},
        ),
        "refers to another",
    ),
    case(
        "objects that stand for others",
        "a layer",
        lambda: added(layer("Dense", units=1) | {"shared_object_id": 1}),
        "is shared",
    ),
]
MEMBERS = {
    "assets": {"assets.txt": b"x"},
    "a pickle": {"vocabulary.pkl": b"\x80\x04."},
    "other weights": {"model.weights.npz": b""},
}
CASES += [
    case(
        "files in networks",
        name,
        lambda more=more: with_network(**more),
        r"expected a \.keras file",
    )
    for name, more in MEMBERS.items()
]
CASES += [
    case(
        "files in networks",
        "none",
        lambda: resealed({NETWORK: zipped({})}),
        r"expected a \.keras file",
    ),
    case(
        "files in networks",
        "no zip",
        lambda: resealed({NETWORK: b"\x89HDF\r\n\x1a\n"}),
        "not a zip",
    ),
]
