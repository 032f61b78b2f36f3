"""What needs a whole load: places that an archive names, and arrays for C code."""

import json
import os

import numpy as np

from attacks.estimators import (
    array,
    dictionary,
    kind,
    listed,
    model,
    npy,
    plain,
    thing,
    tupled,
    written,
)
from attacks.table import ESTIMATOR, GOLDEN, Case, archive, resealed, unzip, zipped

FEATURES = "skl_signlang.preprocessing._backbone_features.BackboneFeatures"
TRANSFER = "skl_signlang.estimators._transfer_learning_classifier."
HOME = "skl_signlang.preprocessing."
PIPELINE = "sklearn.pipeline.Pipeline"
HASH = {}


def prepare(traps):
    """Save a model whose function writes a marker, and import all that is needed."""
    import tensorflow as tf

    import skl_signlang.estimators
    import skl_signlang.model_selection
    import skl_signlang.preprocessing  # noqa: F401
    from skl_signlang.networks._saved_model import hash_of
    from skl_signlang.persistence import load

    marker = str(traps / "executed")

    class Hostile(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.float32)])
        def serve(self, images):
            with tf.control_dependencies([tf.io.write_file(marker, "x")]):
                return {"features": tf.reduce_mean(images, (1, 2))}

    module = Hostile()
    signatures = {"serving_default": module.serve}
    tf.saved_model.save(module, str(traps / "program"), signatures=signatures)
    HASH["program"] = hash_of(traps / "program")
    (traps / "linked").mkdir()
    (traps / "linked" / "saved_model.pb").write_bytes(b"")
    os.symlink("/usr", traps / "linked" / "assets")
    # what loads that are right import
    load(GOLDEN)


def transferred(backbone, weights="imagenet", sha256=None):
    """Give an archive of a head on a SavedModel that lies somewhere."""
    members = unzip(unzip(GOLDEN.read_bytes())[ESTIMATOR])
    schema = json.loads(members["schema.json"])
    (step,) = (
        entry
        for entry in schema["content"]["content"]["steps"]["content"][-1]["content"]
        if entry["__loader__"] == "ObjectNode"
    )
    module, _, name = f"{TRANSFER}TransferLearningClassifier".rpartition(".")
    step["__class__"], step["__module__"] = name, module
    described = {
        "backbone": plain(backbone),
        "weights": plain(weights),
        "sha256": plain(sha256 or HASH["program"]),
        "backbone_layer": plain(None),
        "pooling": plain("avg"),
        "image_size": plain(None),
        "pixel_range": tupled(plain(0), plain(255)),
        "preprocessing": plain("auto"),
        "backbone_params": plain(None),
        "input_shape": tupled(plain(8), plain(8), plain(1)),
    }
    network = step["content"]["content"]["_network"]
    network["content"]["saved_model"] = dictionary(described)
    network["key_types"]["content"].append(kind("builtins.str"))
    members["schema.json"] = json.dumps(without_numbers(schema)).encode()
    return resealed({ESTIMATOR: zipped(members)})


def without_numbers(part):
    """Leave out the numbers by which skops knows its nodes."""
    if isinstance(part, dict):
        return {k: without_numbers(v) for k, v in part.items() if k != "__id__"}
    return [without_numbers(v) for v in part] if isinstance(part, list) else part


def features(backbone, weights="imagenet"):
    """Give an archive of features of a backbone that lies somewhere."""
    inner = thing(
        FEATURES,
        backbone=plain(backbone),
        weights=plain(weights),
        backbone_layer=plain(None),
        pooling=plain("avg"),
        image_size=plain(None),
        pixel_range=tupled(plain(0), plain(255)),
        preprocessing=plain("auto"),
        backbone_params=plain(None),
        image_shape=plain(None),
        random_state=plain(None),
        image_shape_=tupled(plain(8), plain(8), plain(1)),
        _seed=plain(0),
        _weights_hash=plain(HASH["program"]),
    )
    step = tupled(plain("features"), inner)
    return written(thing(PIPELINE, steps=listed(step), memory=plain(None)))


def named(traps):
    """List places, some of which are traps."""
    return {
        "a program": str(traps / "program"),
        "a program, relative": os.path.relpath(traps / "program"),
        "a program, its home": "~/program",
        "a damaged one": str(traps / "evil"),
        "a system folder": "/usr",
        "the root": "/",
        "a pipe": str(traps / "pipe"),
        "a pipe of Keras'": str(traps / "pipe.keras"),
        "a device": "/dev/zero",
        "an address": (traps / "address").read_text(),
        "a bucket": "gs://bucket/program",
        "a share": "\\\\host\\share\\program",
        "a file": "/etc/passwd",
        "nothing": "",
    }


NAMES = [
    *("a program", "a program, relative", "a program, its home", "a damaged one"),
    *("a system folder", "the root", "a pipe", "a pipe of Keras'", "a device"),
    *("an address", "a bucket", "a share", "a file", "nothing"),
]
CASES = [
    Case(
        f"places named for a {what}",
        name,
        archive(lambda traps, n=name, build=build: build(named(traps)[n])),
        "saved_model=FOLDER",
    )
    for what, build in (("classifier", transferred), ("transformer", features))
    for name in NAMES
]


def allowing(build, folder, **options):
    """Make a case's `make` where the caller allows a folder."""

    def make(place, traps):
        from skl_signlang.persistence import load

        path = place / "hostile.signlang"
        path.write_bytes(build(str(traps / "program"), **options))
        return lambda: load(path, saved_model=traps / folder)

    return make


CASES += [
    Case(
        f"other folders than the {what}'s",
        folder,
        allowing(build, folder),
        "cannot be loaded",
        reads=folder,
    )
    for what, build in (("classifier", transferred), ("transformer", features))
    for folder in ("evil", "linked", "pipe", "pipe.keras", "address")
]
CASES += [
    Case(
        "other folders than the classifier's",
        "another hash",
        allowing(transferred, "program", sha256="0" * 64),
        "not the one used in fit",
        reads="program",
    ),
    Case(
        "other folders than the classifier's",
        "weights beside it",
        allowing(transferred, "program", weights="/etc/passwd"),
        "cannot be loaded",
    ),
]


def pipeline(*steps):
    """Give an archive of a Pipeline."""
    listed_steps = [tupled(plain(f"s{i}"), step) for i, step in enumerate(steps)]
    root = thing(PIPELINE, steps=listed(*listed_steps), memory=plain(None))
    return written(root, a_npy=npy([1.0]))


def hands(model):
    name = f"{HOME}_hand_landmarks.HandLandmarks"
    return pipeline(thing(name, model=plain(model)))


CASES += [
    Case(
        "places named for a landmark model",
        name,
        archive(lambda traps, n=name: hands(named(traps)[n])),
        "HandLandmarks in it contains a path",
    )
    for name in NAMES
]


def decoder(*before):
    name = f"{HOME}_image_decoder.ImageDecoder"
    return pipeline(*before, thing(name, image_size=plain(8)))


IMPUTER = "sklearn.impute._base.SimpleImputer"
CASES.append(
    Case(
        "files by name",
        "a decoder behind what fills in names",
        archive(lambda: decoder(thing(IMPUTER, fill_value=plain("/etc/passwd")))),
        "not the first step",
    )
)
HIDDEN = {
    "a decoder in a calibrated classifier": lambda inner: thing(
        "sklearn.calibration.CalibratedClassifierCV",
        calibrated_classifiers_=listed(
            thing("sklearn.calibration._CalibratedClassifier", estimator=inner)
        ),
    ),
    "a decoder in a search": lambda inner: thing(
        "sklearn.model_selection._search.GridSearchCV", best_estimator_=inner
    ),
}


def hidden(wrap):
    """Give an archive of a decoder of files that gets names from what is before it."""
    steps = (
        thing(IMPUTER, fill_value=plain("/etc/passwd")),
        thing(f"{HOME}_image_decoder.ImageDecoder", image_size=plain(8)),
    )
    pairs = [tupled(plain(f"s{i}"), step) for i, step in enumerate(steps)]
    return written(wrap(thing(PIPELINE, steps=listed(*pairs), memory=plain(None))))


CASES += [
    Case(
        "files by name",
        name,
        archive(lambda wrap=wrap: hidden(wrap)),
        "not the first step",
    )
    for name, wrap in HIDDEN.items()
]
CASES.append(
    Case(
        "files by name",
        "a decoder behind the classes of others",
        archive(
            lambda: written(
                thing(
                    "sklearn.ensemble._stacking.StackingClassifier",
                    final_estimator_=thing(f"{HOME}_image_decoder.ImageDecoder"),
                )
            )
        ),
        "not the first step",
    )
)


def searched(name, value):
    """Give an archive of a search that would set a place."""
    grid = dictionary({name: listed(plain(value))})
    search = "sklearn.model_selection._search.GridSearchCV"
    return written(thing(search, param_grid=grid))


CASES += [
    Case(
        "places that a search would set",
        name,
        archive(lambda n=name: searched(n, "/tmp/evil")),
        "is a path",
    )
    for name in (
        *("backbone", "model__backbone", "memory", "model__checkpoint_dir"),
        *("resume_dir", "tensorboard_dir"),
    )
]


# --- objects of Keras among parameters ------------------------------------------------


def parameter(description):
    """Give an archive of a network with an object of Keras as a parameter."""
    members = unzip(unzip(GOLDEN.read_bytes())[ESTIMATOR])
    schema = json.loads(members["schema.json"])
    (step,) = (
        entry
        for entry in schema["content"]["content"]["steps"]["content"][-1]["content"]
        if entry["__loader__"] == "ObjectNode"
    )
    step["content"]["content"]["optimizer"] = nodes(description)
    members["schema.json"] = json.dumps(without_numbers(schema)).encode()
    return resealed({ESTIMATOR: zipped(members)})


def nodes(value):
    """Write plain data as skops does."""
    if isinstance(value, dict):
        return dictionary({key: nodes(entry) for key, entry in value.items()})
    if isinstance(value, list):
        return listed(*map(nodes, value))
    return plain(value)


def keras_object(module, class_name, **config):
    entry = {"module": module, "class_name": class_name, "config": config}
    return {"keras object": {**entry, "registered_name": None}}


DENSE = keras_object("keras.layers", "Dense", units=200_000_000, name="a")
DENSE["keras object"]["build_config"] = {"input_shape": [None, 100]}
CONSTANT = {"class_name": "__numpy__", "config": {"value": 1, "dtype": "U200000000"}}
PARAMETERS = {
    "a large layer": DENSE,
    "a callback": keras_object("keras.callbacks", "BackupAndRestore", backup_dir="x"),
    "a SavedModel": keras_object("keras.layers", "TFSMLayer", filepath="/tmp"),
    "a Lambda": keras_object("keras.layers", "Lambda", function="AAAA"),
    "a module": keras_object("os", "system"),
    "a wide constant": {"keras object": CONSTANT},
    "a large constant": keras_object(
        "keras.initializers", "Constant", value=[[0.0] * 10_001]
    ),
    "numbers without end": keras_object(
        "keras.optimizers.schedules",
        "PiecewiseConstantDecay",
        boundaries=[1.0] * 10_001,
        values=[1.0] * 2,
    ),
    "a class of another home": {"keras class": ["layers", "Lambda"]},
    "a class of the backend": {"keras class": ["optimizers", "__doc__"]},
    "a network": keras_object(
        "keras.src.models.functional",
        "Functional",
        layers=[],
        input_layers=[],
        output_layers=[],
    ),
}
CASES += [
    Case(
        "objects of Keras as parameters",
        name,
        archive(lambda description=description: parameter(description)),
        "cannot be loaded",
    )
    for name, description in PARAMETERS.items()
]
OURS = {
    "a callback": "skl_signlang.callbacks._keras_callback.KerasCallback",
    "a function": "skl_signlang._files.write_whole",
}
CASES += [
    Case(
        "our own that no archive holds",
        name,
        archive(lambda name=full: written(thing(name, a=array()), a_npy=npy([1.0]))),
        f"{ESTIMATOR}: Untrusted types found",
    )
    for name, full in OURS.items()
]
DISTRIBUTIONS = {
    "of text": {"scipy.stats": "norm", "args": ["x"], "kwds": {}},
    "of many": {"scipy.stats": "norm", "args": [1.0] * 1000, "kwds": {}},
    "that is none": {"scipy.stats": "test", "args": [], "kwds": {}},
}
CASES += [
    Case(
        "distributions",
        name,
        archive(
            lambda d=description: written(
                thing(
                    "sklearn.model_selection._search.RandomizedSearchCV",
                    param_distributions=nodes({"C": d}),
                )
            )
        ),
        "cannot be loaded",
    )
    for name, description in DISTRIBUTIONS.items()
]


# --- arrays that C code trusts --------------------------------------------------------


def svm(**changes):
    """Write a support vector machine of two classes and two vectors."""
    parts = {
        "support_": np.zeros(2, np.int32),
        "support_vectors_": np.zeros((2, 3)),
        "_n_support": np.ones(2, np.int32),
        "_dual_coef_": np.zeros((1, 2)),
        "_intercept_": np.zeros(1),
        "_probA": np.zeros(0),
        "_probB": np.zeros(0),
        "classes_": np.arange(2),
    } | changes
    files = {f"{i}_npy": npy(part) for i, part in enumerate(parts.values())}
    arrays = {name: array(f"{i}.npy") for i, name in enumerate(parts)}
    root = thing(
        "sklearn.svm._classes.SVC",
        kernel=plain("rbf"),
        _sparse=plain(False),
        n_features_in_=plain(3),
        **arrays,
    )
    return written(root, **files)


def rows(name, attribute, n_features=200_000, **more):
    """Write what keeps rows of two features and says that it has others."""
    root = thing(
        name,
        n_features_in_=plain(n_features),
        **{attribute: array()},
        **{name: array(f"{i}.npy") for i, name in enumerate(more)},
    )
    files = {f"{i}_npy": npy(part) for i, part in enumerate(more.values())}
    return written(root, a_npy=npy(np.zeros((3, 2))), **files)


SVMS = {
    "more support than vectors": {"support_": np.zeros(10**6, np.int32)},
    "more classes than there are": {"_n_support": np.array([2, 0, 0], np.int32)},
    "a negative number of vectors": {"_n_support": np.array([10**8, 2 - 10**8])},
    "no vectors": {"support_vectors_": np.zeros((0, 0))},
    "vectors of other features": {"support_vectors_": np.zeros((2, 1))},
    "fewer coefficients": {"_dual_coef_": np.zeros((1, 1))},
    "fewer intercepts": {"_intercept_": np.zeros(0)},
    "more probabilities": {"_probA": np.zeros(9), "_probB": np.zeros(9)},
}
NEIGHBORS = "sklearn.neighbors._classification.KNeighborsClassifier"
KEPT = {
    "neighbors of other features": (NEIGHBORS, "_fit_X"),
    "centers of other features": ("sklearn.cluster._kmeans.KMeans", "cluster_centers_"),
}
CASES += [
    Case("arrays that C code trusts", name, archive(lambda c=c: svm(**c)), "SVC in it")
    for name, c in SVMS.items()
]
CASES += [
    Case(
        "arrays that C code trusts",
        name,
        archive(lambda kept=kept: rows(*kept)),
        "do not match",
    )
    for name, kept in KEPT.items()
]
CASES += [
    Case(
        "arrays that C code trusts",
        "labels behind the classes",
        archive(
            lambda: rows(
                NEIGHBORS,
                "_fit_X",
                n_features=2,
                _y=np.full(3, 1 << 30),
                classes_=np.arange(2),
            )
        ),
        "do not match",
    ),
    Case(
        "arrays that C code trusts",
        "a million workers",
        archive(lambda: written(model(n_jobs=plain(10**6)))),
        "n_jobs of the LogisticRegression in it is 1000000",
    ),
]


# --- parameters by which `predict` would take all memory ------------------------------

SIZES = {
    "image_size of ImageResizer": ("_image_resizer.ImageResizer", "image_size"),
    "image_size of ImageDecoder": ("_image_decoder.ImageDecoder", "image_size"),
    "image_shape of ImageReshaper": ("_image_reshaper.ImageReshaper", "image_shape"),
    "size of HandCropper": ("_hand_cropper.HandCropper", "size"),
    "padding of HandLandmarks": ("_hand_landmarks.HandLandmarks", "padding"),
}


def sized(name, parameter, value, **files):
    return written(thing(HOME + name, **{parameter: value}), **files)


CASES += [
    Case(
        "parameters that take all memory",
        f"{what}, {form}",
        archive(lambda n=name, p=parameter, v=value, f=files: sized(n, p, v, **f)),
        f"{parameter} of .* in it is .*; expected at most",
    )
    for what, (name, parameter) in SIZES.items()
    for form, value, files in (
        ("a number", plain(10**6), {}),
        ("a tuple", tupled(plain(10**6), plain(8)), {}),
        ("an array", array("a.npy"), {"a_npy": npy(np.array([10**6, 8]))}),
    )
]
POLYNOMIAL = "sklearn.preprocessing._polynomial.PolynomialFeatures"


def polynomials(degree, n):
    return thing(POLYNOMIAL, degree=plain(degree), n_features_in_=plain(n))


COUNTS = {
    "preprocessing._polynomial.SplineTransformer": "n_features_out_",
    "preprocessing._polynomial.PolynomialFeatures": "_n_out_full",
    "ensemble._forest.RandomForestClassifier": "n_classes_",
    "ensemble._bagging.BaggingClassifier": "n_classes_",
    "dummy.DummyClassifier": "n_outputs_",
    "decomposition._nmf.NMF": "max_iter",
    "decomposition._lda.LatentDirichletAllocation": "max_doc_update_iter",
    "decomposition._dict_learning.SparseCoder": "transform_max_iter",
    "feature_extraction._hash.FeatureHasher": "n_features",
    "kernel_approximation.PolynomialCountSketch": "n_components",
}
CASES += [
    Case(
        "parameters that take all memory",
        f"{parameter} of {name.rpartition('.')[2]}, {form}",
        archive(
            lambda n=name, p=parameter, v=value: written(
                thing(f"sklearn.{n}", n_features_in_=plain(2), **{p: v}),
                a_npy=npy(np.array([2, 10**10])),
            )
        ),
        f"{parameter} of .* in it is .*; expected at most",
    )
    for name, parameter in COUNTS.items()
    for form, value in (
        ("a number", plain(10**10)),
        ("infinite", plain(float("inf"))),
        ("a list", listed(plain(2), plain(10**10))),
        ("an array", array("a.npy")),
    )
]
CASES += [
    Case(
        "parameters that take all memory",
        f"{what} of {name.rpartition('.')[2]}",
        archive(lambda n=name, p=parameters: written(thing(HOME + n, **p))),
        f"{what}, in .* of .* in it is .*; expected at most",
    )
    for what, name, parameters in (
        ("image_size", "_image_resizer.ImageResizer", {"image_size": plain(8000)}),
        (
            "image_size",
            "_image_decoder.ImageDecoder",
            {"image_size": tupled(plain(-8000), plain(-8000))},
        ),
        (
            "block",
            "_hog_transformer.HOGTransformer",
            {"orientations": plain(360), "cells_per_block": plain(8)},
        ),
    )
]
CASES += [
    Case(
        "parameters that take all memory",
        "PolynomialFeatures",
        archive(lambda: written(polynomials(50, 784))),
        "PolynomialFeatures in it makes .* features",
    ),
    Case(
        "parameters that take all memory",
        "PolynomialFeatures that says of no number of features",
        archive(lambda: written(thing(POLYNOMIAL, degree=plain(50), x_=plain(1)))),
        "n_features_in_",
    ),
    Case(
        "parameters that take all memory",
        "many PolynomialFeatures",
        archive(lambda: written(listed(*[polynomials(2, 1400)] * 5))),
        "features made",
    ),
    Case(
        "parameters that take all memory",
        "metrics that are not numbers",
        archive(lambda: resealed({}, metrics={"accuracy": "high"})),
        "its manifest is malformed",
    ),
]
