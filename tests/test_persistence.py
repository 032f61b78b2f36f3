import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from scipy.stats import loguniform, randint
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang._files import write_whole
from skl_signlang.persistence import load, save
from skl_signlang.preprocessing import ImageResizer, ImageScaler

SMALL = {"epochs": 1, "hidden_layer_sizes": (4,), "random_state": 0}
DENSE = DenseClassifier(**SMALL)
CNN = CNNClassifier(filters=(4,), **SMALL)
GROUPS = np.arange(48) % 6


def draw(n=48, seed=0):
    """Pictures and letters, in which nothing is to be learned."""
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


def test_a_fresh_process_predicts_the_same_bits(fitted, archive):
    X, _ = draw(seed=1)
    np.save(archive.with_name("X.npy"), X)
    code = (
        "import numpy as np; from skl_signlang.persistence import load;"
        "model = load('model.signlang');"
        "np.save('proba.npy', model.predict_proba(np.load('X.npy')))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=archive.parent, check=True)
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
    assert manifest["format_version"] == 1
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


def test_a_network_is_kept_once(archive):
    with zipfile.ZipFile(archive) as file:
        networks = [name for name in file.namelist() if name.endswith(".keras")]
    assert len(networks) == 1


def test_importing_persistence_does_not_import_tensorflow():
    code = (
        "import sys, skl_signlang.persistence; print('tensorflow' in sys.modules,"
        "'keras' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split() == ["False", "False"]


# --- what cannot be saved -------------------------------------------------------------


def test_only_fitted_estimators_are_saved(fitted, tmp_path):
    path = tmp_path / "x.signlang"
    with pytest.raises(NotFittedError):
        save(CNN, path)
    for thing in (fitted.model_, CNNClassifier, "letters", {"a": fitted}):
        with pytest.raises(TypeError, match="keeps fitted scikit-learn estimators"):
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
    with pytest.raises(ValueError, match="is there and is no file"):
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
    flip_a_bit: "network-0.keras is not what the manifest says",
    shorten: "estimator.skops is not what the manifest says",
    lambda m: change_manifest(m, format_version=7): "format version is 7; .* reads 1",
    lambda m: change_manifest(m, format_version="1"): "format version is '1'",
    lambda m: change_manifest(m, members=[]): "does not list estimator.skops",
    lambda m: m.update({"manifest.json": b"[]"}): "format version is None",
    lambda m: m.update({"manifest.json": b"\xff{"}): "cannot be loaded",
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
    with pytest.raises(ValueError, match="File is not a zip file"):
        load(archive)


def test_an_archive_holds_an_estimator(archive):
    import skops.io

    reseal(archive, skops.io.dumps([1, 2]))
    with pytest.raises(ValueError, match="no estimator but a list"):
        load(archive)
