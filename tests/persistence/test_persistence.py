import io
import json
import os
import re
import signal
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from scipy.stats import loguniform, randint
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang._files import write_whole
from skl_signlang.export import export_architecture, export_weights
from skl_signlang.persistence import _class_names, _trusted, card, load, save
from skl_signlang.preprocessing import ImageResizer, ImageScaler

SMALL = {"epochs": 1, "hidden_layer_sizes": (4,), "random_state": 0}
DENSE = DenseClassifier(**SMALL)
CNN = CNNClassifier(filters=(4,), **SMALL)
GROUPS = np.arange(48) % 6


def draw(n=48, seed=0):
    """Images and letters, in which nothing is to be learned."""
    random_state = np.random.RandomState(seed)
    return random_state.randint(0, 256, (n, 64), np.uint8), np.resize(list("ABC"), n)


def search_over(space, **more):
    return RandomizedSearchCV(DENSE, space, n_iter=2, cv=2, random_state=0, **more)


FITTED_BY_CASE = {
    "dense": DENSE,
    "cnn": CNN,
    "two classes": (DENSE, np.resize([False, True], 48)),
    "regressor": (DenseRegressor(**SMALL), np.arange(48.0)),
    "random state": clone(DENSE).set_params(random_state=np.random.RandomState(3)),
    "routed": clone(DENSE).set_params(optimizer__beta_1=0.8),
    "keras class": clone(DENSE).set_params(
        optimizer=keras.optimizers.SGD, optimizer__momentum=0.5
    ),
    "keras objects": clone(DENSE).set_params(
        optimizer=keras.optimizers.SGD(0.1),
        activation=keras.activations.tanh,
        kernel_initializer=keras.initializers.HeNormal(1),
    ),
    "pipeline": make_pipeline(ImageResizer(4), ImageScaler(), StandardScaler(), DENSE),
    "grid search": GridSearchCV(CNN, {"learning_rate": [1e-3, 1e-2]}, cv=2),
    "search by groups": GridSearchCV(
        make_pipeline(StandardScaler(), DENSE),
        {"denseclassifier__l2": [0.0, 0.1]},
        cv=list(GroupKFold(2).split(GROUPS, groups=GROUPS)),
        scoring=["accuracy", "f1_macro"],
        refit="accuracy",
    ),
    "random search": search_over(
        {"learning_rate": loguniform(1e-3, 1e-2), "batch_size": randint(8, 16)},
        scoring="accuracy",
    ),
    "voting": VotingClassifier([("a", DENSE), ("b", CNN)], voting="soft"),
    "calibrated": CalibratedClassifierCV(DENSE, cv=2),
}


def fit(case):
    estimator, y = case if isinstance(case, tuple) else (case, draw()[1])
    return clone(estimator).fit(draw()[0], y)


@pytest.fixture(scope="module")
def fitted():
    return fit(CNN)


@pytest.fixture
def archive(fitted, tmp_path):
    save(fitted, tmp_path / "model.signlang")
    return tmp_path / "model.signlang"


def rewrite(path, change):
    """Unzip an archive, change its members and zip them again."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)


def change_manifest(files, /, **changes):
    manifest = json.loads(files["manifest.json"]) | changes
    files["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.slow
@pytest.mark.parametrize("case", FITTED_BY_CASE.values(), ids=FITTED_BY_CASE)
def test_what_is_loaded_predicts_the_same_bits(case, tmp_path):
    estimator = fit(case)
    save(estimator, tmp_path / "x.signlang")
    copy = load(tmp_path / "x.signlang")
    X, _ = draw(seed=1)
    assert type(copy) is type(estimator)
    np.testing.assert_array_equal(copy.predict(X), estimator.predict(X))
    if hasattr(estimator, "predict_proba"):
        proba = copy.predict_proba(X)
        np.testing.assert_array_equal(proba, estimator.predict_proba(X))


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same_bits(fitted, archive, forks):
    X, _ = draw(seed=1)
    np.save(archive.with_name("X.npy"), X)
    code = (
        "import numpy as np; from skl_signlang.persistence import load;"
        "model = load('model.signlang');"
        "np.save('proba.npy', model.predict_proba(np.load('X.npy')))"
    )
    forks.run(code, cwd=archive.parent)
    found = np.load(archive.with_name("proba.npy"))
    np.testing.assert_array_equal(found, fitted.predict_proba(X))


@pytest.mark.parametrize("name", ["keras class", "keras objects", "routed"])
def test_parameters_survive_and_training_goes_on(name, tmp_path):
    estimator = fit(FITTED_BY_CASE[name])
    save(estimator, tmp_path / "x.signlang")
    copy = load(tmp_path / "x.signlang")
    before, after = estimator.get_params(), copy.get_params()
    assert before.keys() == after.keys()
    assert repr(after["optimizer"])[:40] == repr(before["optimizer"])[:40]
    if name == "keras objects":
        config = before["optimizer"].get_config()
        assert after["optimizer"].get_config() == config
    assert after["activation"] == before["activation"]
    assert copy.set_params(warm_start=True).fit(*draw()).n_iter_ == 2


def test_a_random_search_keeps_its_distributions(tmp_path):
    search = fit(FITTED_BY_CASE["random search"])
    save(search, tmp_path / "x.signlang")
    space = load(tmp_path / "x.signlang").param_distributions
    assert space["learning_rate"].support() == (1e-3, 1e-2)
    assert space["batch_size"].support() == (8, 15)
    assert search.param_distributions["learning_rate"].dist.name == "loguniform"


def test_unfitted_transformers_without_state_can_be_kept(tmp_path):
    save(ImageResizer(4), tmp_path / "x.signlang")
    assert load(tmp_path / "x.signlang").image_size == 4


def test_the_manifest_says_what_is_inside(fitted, archive):
    with zipfile.ZipFile(archive) as file:
        manifest = json.loads(file.read("manifest.json"))
        sizes = {info.filename: info.file_size for info in file.infolist()}
    assert manifest["format_version"] == 2
    assert manifest["estimator"] == "CNNClassifier"
    assert manifest["classes"] == ["A", "B", "C"]
    assert manifest["image_shape"] == [8, 8, 1]
    assert {"python", "skl_signlang", "keras", "skops"} < manifest["versions"].keys()
    del sizes["manifest.json"]
    assert {n: m["bytes"] for n, m in manifest["members"].items()} == sizes


def test_the_manifest_finds_the_shape_inside_pipelines_and_searches(tmp_path):
    pipeline = make_pipeline(ImageResizer(4, image_shape=(4, 16)), DENSE)
    search = fit(GridSearchCV(pipeline, {"denseclassifier__l2": [0.0]}, cv=2))
    save(search, tmp_path / "x.signlang")
    with zipfile.ZipFile(tmp_path / "x.signlang") as file:
        assert json.loads(file.read("manifest.json"))["image_shape"] == [4, 16, 1]


def test_the_manifest_keeps_all_parameters_however_many(tmp_path):
    model = make_pipeline(ImageScaler(), ImageScaler(), clone(CNN)).fit(*draw())
    assert len(model.get_params()) > 50
    save(model, tmp_path / "model.signlang")
    with zipfile.ZipFile(tmp_path / "model.signlang") as file:
        manifest = json.loads(file.read("manifest.json"))
    assert manifest["parameters"].keys() == model.get_params().keys()


def test_the_manifest_keeps_parameters_and_what_it_is_told(tmp_path, fitted):
    told = {"metrics": {"accuracy": 0.5}, "data": "noise", "groups": "none"}
    save(fitted, tmp_path / "x.signlang", **told)
    with zipfile.ZipFile(tmp_path / "x.signlang") as file:
        manifest = json.loads(file.read("manifest.json"))
    assert told.items() <= manifest.items()
    assert manifest["parameters"]["filters"] == [4]
    assert manifest["parameters"].keys() == fitted.get_params().keys()


def test_no_archive_keeps_a_place_of_one_machine(tmp_path):
    cache = str(tmp_path / "cache")
    model = make_pipeline(StandardScaler(), DENSE, memory=cache).fit(*draw())
    save(model, tmp_path / "x.signlang")
    with zipfile.ZipFile(tmp_path / "x.signlang") as file:
        assert all(cache.encode() not in file.read(name) for name in file.namelist())
    copy = load(tmp_path / "x.signlang")
    assert copy.memory is None
    np.testing.assert_array_equal(copy.predict(draw()[0]), model.predict(draw()[0]))
    grid = {"denseclassifier__checkpoint_dir": [cache]}
    search = GridSearchCV(make_pipeline(DENSE), grid, cv=2, refit=True)
    search.best_estimator_ = model
    with pytest.raises(ValueError, match="checkpoint_dir' in it is a path"):
        save(search, tmp_path / "y.signlang")


@pytest.mark.parametrize("kind", [DecisionTreeClassifier, RandomForestClassifier])
def test_trees_can_be_kept(kind, tmp_path):
    X, y = draw()
    model = make_pipeline(StandardScaler(), kind(max_depth=3, random_state=0)).fit(X, y)
    save(model, tmp_path / "x.signlang")
    copy = load(tmp_path / "x.signlang")
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(OneHotEncoder(handle_unknown="ignore"), SVC()),
        KNeighborsClassifier(algorithm="brute", n_jobs=np.int64(1)),
        KMeans(2, n_init=1, random_state=0),
        TransformedTargetRegressor(SVR(), func=np.log1p, inverse_func=np.expm1),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_c_code_reads_can_be_kept(model, tmp_path):
    X = np.random.RandomState(0).rand(20, 3).round(1)
    model = clone(model).fit(X, np.arange(20) % 3)
    save(model, tmp_path / "a.signlang")
    loaded = load(tmp_path / "a.signlang")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


@pytest.mark.slow
def test_networks_of_nothing_but_zeros_can_be_kept(tmp_path):
    model = DenseClassifier(**SMALL | {"hidden_layer_sizes": (2000, 2000)}).fit(*draw())
    model.model_.set_weights([0 * weight for weight in model.model_.get_weights()])
    save(model, tmp_path / "x.signlang")
    proba = load(tmp_path / "x.signlang").predict_proba(draw()[0])
    np.testing.assert_array_equal(proba, np.full((48, 3), np.float32(1 / 3)))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
@pytest.mark.parametrize("version", [1, 2])
def test_golden_archives_predict_what_they_did(version):
    golden = Path(__file__).parents[1] / "golden" / f"version_{version}.signlang"
    model = load(golden)
    X = (np.arange(8 * 64).reshape(8, 64) ** 2 % 251).astype(np.uint8)
    expected = json.loads(golden.with_suffix(".json").read_text())
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-6, rtol=0)
    assert model.classes_.tolist() == ["A", "B", "C", "L"]
    assert golden.stat().st_size < 50_000


def schema_of(path):
    with zipfile.ZipFile(path) as archive:
        inner = io.BytesIO(archive.read("estimator.skops"))
    with zipfile.ZipFile(inner) as skops:
        return skops.read("schema.json").decode()


def test_names_of_classes_that_are_no_strings_are_not_written_out():
    class Unprintable(dict):
        def __repr__(self):
            raise AssertionError("it may be nested, and long at each depth")

    for names in ((Unprintable(), "A"), ("skl_signlang.estimators", Unprintable())):
        node = dict(zip(("__module__", "__class__"), names, strict=True))
        assert not _class_names.to_true_names({"content": [node]}, 1)
        _class_names.to_public_names({"content": [node]})


def test_archives_hold_public_names_of_classes(archive):
    modules = set(
        re.findall(r'"__module__": "(skl_signlang[\w.]*)"', schema_of(archive))
    )
    assert modules
    assert not [name for name in modules if "._" in name]


def test_a_class_that_moves_to_another_module_still_loads(archive, monkeypatch):
    module = types.ModuleType("skl_signlang.estimators._moved")
    module.CNNClassifier = CNNClassifier
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(CNNClassifier, "__module__", module.__name__)
    _class_names._true_names.cache_clear()
    _trusted._our_types.cache_clear()
    try:
        assert isinstance(load(archive), CNNClassifier)
    finally:
        monkeypatch.undo()
        _class_names._true_names.cache_clear()
        _trusted._our_types.cache_clear()


def test_renamed_parameters_of_version_1_are_kept():
    node = {
        "__module__": "skl_signlang.estimators._cnn_classifier",
        "__class__": "CNNClassifier",
        "__loader__": "ObjectNode",
        "content": {"content": {"mirror": {}, "erasing": {}, "epochs": {}}},
    }
    mode = {"content": '"grey"', "__loader__": "JsonNode"}
    converter = {
        "__module__": "skl_signlang.preprocessing._color_converter",
        "__class__": "ColorConverter",
        "__loader__": "ObjectNode",
        "content": {"content": {"mode": mode}},
    }
    assert _class_names.to_true_names({"x": [node, converter]}, 1)
    assert mode["content"] == '"gray"'
    assert node["content"]["content"].keys() == {
        "horizontal_flip",
        "random_erasing",
        "epochs",
    }
    old = {"cnn__mirror": 1, "cut_at": 2, "a": 3, "to_gray__mode": "grey"}
    renamed = _class_names.rename_parameters(old)
    assert renamed["to_gray__mode"] == "gray"
    del renamed["to_gray__mode"]
    assert renamed == {"cnn__horizontal_flip": 1, "backbone_layer": 2, "a": 3}


def test_a_network_is_kept_once(archive):
    with zipfile.ZipFile(archive) as file:
        networks = [name for name in file.namelist() if name.endswith(".keras")]
    assert len(networks) == 1


@pytest.mark.slow
def test_importing_persistence_does_not_import_tensorflow():
    code = (
        "import sys, skl_signlang.persistence; print('tensorflow' in sys.modules,"
        "'keras' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split() == ["False", "False"]


# --- cards ----------------------------------------------------------------------------


def test_the_card_is_in_the_archive_and_says_what_was_told(fitted, tmp_path):
    path = tmp_path / "x.signlang"
    save(fitted, path, metrics={"accuracy": 0.25}, data="noise", groups="no <b>one</b>")
    with zipfile.ZipFile(path) as file:
        assert file.read("card.md").decode() == card(path)
    lines = card(path).splitlines()
    for line in (
        "# CNNClassifier",
        "- noise",
        "- no &lt;b>one&lt;/b>",
        "- accuracy: 0.25",
        "- 3: A, B, C",
        "- Letters not covered: D E F G H I K L M N O P Q R S T U V W X Y.",
        "- It takes images of 8 x 8 pixels, gray.",
    ):
        assert line in lines


def test_cards_invent_nothing(fitted):
    assert card(fitted).count("Not stated.") == 3
    regressor = fit(FITTED_BY_CASE["regressor"])
    assert "it is a regressor" in card(regressor)
    assert "Letters" not in card(fit(FITTED_BY_CASE["two classes"]))


def test_the_card_of_a_search_says_how_it_was_scored():
    by_groups = GridSearchCV(DENSE, {"l2": [0.0]}, cv=GroupKFold(2), scoring="accuracy")
    by_groups.fit(*draw(), groups=GROUPS)
    assert f"{by_groups.best_score_:.4g}: mean cross-validated" in card(by_groups)
    assert "over 2 splits by GroupKFold; scoring: accuracy" in card(by_groups)
    assert "near-duplicates" not in card(by_groups)
    assert "near-duplicates" in card(fit(FITTED_BY_CASE["grid search"]))


def test_notebooks_show_cards_as_html(fitted, tmp_path):
    save(fitted, tmp_path / "x.signlang", data="<script>alert(1)</script>")
    shown = card(tmp_path / "x.signlang")._repr_html_()
    assert "<h3>CNNClassifier</h3>" in shown
    assert "<li>&lt;script&gt;alert(1)&lt;/script&gt;</li>" in shown
    assert shown.count("<ul>") == shown.count("</ul>") == 6


def test_bad_sources_of_cards(tmp_path):
    with pytest.raises(NotFittedError):
        card(CNN)
    with pytest.raises(FileNotFoundError, match=r"no file .*none"):
        card(tmp_path / "none")
    with pytest.raises(TypeError, match="must be a string or a path; got 3"):
        card(3)
    with pytest.raises(ValueError, match=r"has no card, .* is a folder"):
        card(tmp_path)


@pytest.mark.parametrize(
    ("told", "error", "reason"),
    [
        ({"metrics": [0.5]}, TypeError, "a dict of names and scores"),
        ({"metrics": {1: 0.5}}, TypeError, "a dict of names and scores"),
        ({"metrics": {"a": "high"}}, TypeError, "must be a number; got 'high'"),
        ({"metrics": {"a": True}}, TypeError, "must be a number; got True"),
        ({"metrics": {"a": float("nan")}}, ValueError, "must be finite; got nan"),
        ({"data": 3}, TypeError, "data must be a string; got 3"),
        ({"groups": ["a"]}, TypeError, "groups must be a string"),
    ],
)
def test_what_cannot_be_told(fitted, tmp_path, told, error, reason):
    with pytest.raises(error, match=reason):
        save(fitted, tmp_path / "x.signlang", **told)
    assert not any(tmp_path.iterdir())


# --- architecture and weights ---------------------------------------------------------


def test_architecture_and_weights_make_the_same_network(fitted, tmp_path):
    # neither name ends as Keras wants it
    export_architecture(fitted, tmp_path / "net")
    export_weights(fitted, tmp_path / "weights")
    network = load(tmp_path / "net", weights=tmp_path / "weights")
    X, _ = draw(seed=1)
    found = network.predict(X.reshape(-1, 8, 8, 1), verbose=0)
    np.testing.assert_allclose(found, fitted.predict_proba(X), atol=1e-6)
    assert not network.compiled


def test_keras_and_load_read_the_same_files(fitted, tmp_path):
    paths = tmp_path / "net.json", tmp_path / "net.weights.h5"
    export_architecture(fitted, paths[0])
    export_weights(fitted, paths[1])
    network = keras.models.model_from_json(paths[0].read_text())
    network.load_weights(paths[1])
    for ours, theirs in zip(fitted.model_.weights, network.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    paths[0].write_text(network.to_json())
    network.compile("adam", "mse")
    network.save_weights(paths[1])
    again = load(paths[0], weights=paths[1])
    for ours, theirs in zip(again.weights, network.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_pipelines_and_searches_export_the_network_at_their_end(tmp_path):
    pipeline = make_pipeline(StandardScaler(), DENSE)
    search = fit(GridSearchCV(pipeline, {"denseclassifier__l2": [0.0]}, cv=2))
    export_architecture(search, tmp_path / "net.json")
    names = [
        layer["config"]["name"]
        for layer in json.loads((tmp_path / "net.json").read_text())["config"]["layers"]
    ]
    assert names == [layer.name for layer in search.best_estimator_[-1].model_.layers]


def test_what_cannot_be_exported(fitted, tmp_path):
    for export in (export_architecture, export_weights):
        for thing in (StandardScaler().fit([[1.0]]), fitted.model_, "letters"):
            with pytest.raises(TypeError, match="expected a fitted estimator with a"):
                export(thing, tmp_path / "x")
        with pytest.raises(NotFittedError):
            export(CNN, tmp_path / "x")
        with pytest.raises(FileNotFoundError, match="no folder"):
            export(fitted, tmp_path / "none" / "x")
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
def test_weights_of_another_network_do_not_fit(fitted, tmp_path):
    wide = clone(CNN).set_params(hidden_layer_sizes=(9,)).fit(*draw())
    export_architecture(fitted, tmp_path / "net.json")
    export_weights(wide, tmp_path / "wide.weights.h5")
    with pytest.raises(ValueError, match=r"wide.* cannot be loaded as the weights of"):
        load(tmp_path / "net.json", weights=tmp_path / "wide.weights.h5")
    with pytest.raises(FileNotFoundError, match=r"no file .*none"):
        load(tmp_path / "net.json", weights=tmp_path / "none")


# --- what cannot be saved -------------------------------------------------------------


def test_only_fitted_estimators_are_saved(fitted, tmp_path):
    path = tmp_path / "x.signlang"
    with pytest.raises(NotFittedError):
        save(CNN, path)
    for thing in (fitted.model_, CNNClassifier, "letters", {"a": fitted}):
        with pytest.raises(TypeError, match="takes fitted scikit-learn estimators"):
            save(thing, path)
    assert not any(tmp_path.iterdir())


def test_functions_of_the_users_own_are_refused_by_name(tmp_path):
    pipeline = make_pipeline(FunctionTransformer(draw_nothing), DENSE)
    search = GridSearchCV(DENSE, {"l2": [0.0]}, cv=2, scoring=make_scorer(score_zero))
    for estimator, name in ((pipeline, "draw_nothing"), (search, "score_zero")):
        with pytest.raises(ValueError, match=f"would not trust .*{name}"):
            save(fit(estimator), tmp_path / "x.signlang")
    assert not any(tmp_path.iterdir())


def draw_nothing(X):
    return X


def score_zero(y, predicted):
    return 0.0


def test_bad_places_to_save(fitted, tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        save(fitted, tmp_path / "none" / "x.signlang")
    with pytest.raises(ValueError, match="exists and is not a file"):
        save(fitted, tmp_path)
    with pytest.raises(ValueError, match="must name a file"):
        save(fitted, "")
    with pytest.raises(TypeError, match="must be a string or a path; got 3"):
        save(fitted, 3)


def test_a_failed_save_leaves_the_old_file(archive, monkeypatch):
    before = archive.read_bytes()
    monkeypatch.setattr("os.fsync", _fail)
    with pytest.raises(OSError, match="disk full"):
        save(fit(DENSE), archive)
    assert archive.read_bytes() == before
    assert list(archive.parent.iterdir()) == [archive]


def _fail(*args):
    raise OSError("disk full")


def test_a_kill_leaves_no_half_written_file(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"old")
    code = (
        "import os, signal, sys; from skl_signlang._files import write_whole\n"
        "with write_whole(sys.argv[1]) as file:\n"
        "    file.write(b'new'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)])
    assert run.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def test_files_have_the_usual_permissions(tmp_path):
    with write_whole(tmp_path / "ours") as file:
        file.write(b"x")
    (tmp_path / "usual").write_bytes(b"x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


# --- what cannot be loaded ------------------------------------------------------------


def drop_manifest(members):
    del members["manifest.json"]


def drop_network(members):
    del members["network-0.keras"]


def add_member(members):
    members["more.txt"] = b"x"


def flip_a_bit(members):
    content = bytearray(members["network-0.keras"])
    content[100] ^= 1
    members["network-0.keras"] = bytes(content)


def shorten(members):
    members["estimator.skops"] = members["estimator.skops"][:-1]


DAMAGE = {
    drop_manifest: "holds no manifest.json",
    drop_network: "its manifest lists .*network-0.keras",
    add_member: "it holds .*more.txt",
    flip_a_bit: "network-0.keras does not match the manifest",
    shorten: "estimator.skops does not match the manifest",
    lambda m: change_manifest(m, format_version=7): "format version is 7; .* reads 1",
    lambda m: change_manifest(m, format_version="1"): "format version is '1'",
    lambda m: change_manifest(m, members=[]): "does not list estimator.skops",
    lambda m: change_manifest(m, members={}): "does not list estimator.skops",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_before_anything_is_made(archive, damage, monkeypatch):
    rewrite(archive, damage)
    monkeypatch.setattr("skops.io.loads", lambda *args, **kwargs: pytest.fail("made"))
    with pytest.raises(ValueError, match=DAMAGE[damage]) as caught:
        load(archive)
    assert str(archive) in str(caught.value)


def test_bad_places_to_load(tmp_path, archive):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*none"):
        load(tmp_path / "none.signlang")
    with pytest.raises(ValueError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(TypeError, match="must be a string or a path; got None"):
        load(None)
    for content in (b"", b"hello", archive.read_bytes()[:-30]):
        archive.write_bytes(content)
        with pytest.raises(ValueError, match=r"cannot be loaded .*zip"):
            load(archive)


def reseal(path, content):
    """Put another scikit-learn part into an archive, with its right hash."""
    from skl_signlang.persistence._manifest import describe

    def change(members):
        members["estimator.skops"] = content
        listed = {n: describe(c) for n, c in members.items() if n != "manifest.json"}
        change_manifest(members, members=listed)

    rewrite(path, change)


@pytest.mark.parametrize(
    "thing",
    [Path("x"), os.system, FunctionTransformer(os.getcwd), loguniform(1, 2)],
    ids=["path", "function", "transformer", "distribution"],
)
def test_types_that_are_not_listed_are_refused(archive, thing):
    import skops.io

    reseal(archive, skops.io.dumps(thing))
    with pytest.raises(ValueError, match="Untrusted types found"):
        load(archive)


def test_a_pickle_is_never_read(archive):
    import pickle

    reseal(archive, pickle.dumps(DENSE))
    with pytest.raises(ValueError, match=r"not a zip file|it is not a skops file"):
        load(archive)


def test_an_archive_holds_an_estimator(archive):
    import skops.io

    reseal(archive, skops.io.dumps([1, 2]))
    with pytest.raises(ValueError, match="no estimator but a list"):
        load(archive)
