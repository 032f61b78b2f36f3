"""Training goes on after a kill, to the same bits."""

import json
import signal
import time

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from skl_signlang import (
    CNNClassifier,
    DenseClassifier,
    TransferLearningClassifier,
    _stored_state,
)
from skl_signlang.callbacks import KerasCallback, StopAtMetric
from skl_signlang.training import _checkpoint_files
from skl_signlang.training._checkpoint_files import (
    LAST,
    CheckpointFolder,
    locked,
)

pytestmark = pytest.mark.slow

X, Y = load_digits(return_X_y=True)
X, Y = X[:200], Y[:200]
SMALL = {"hidden_layer_sizes": (8,), "epochs": 5, "random_state": 0}
PLAIN = DenseClassifier(**SMALL)


def small_body(input_shape):
    convolution = keras.layers.Conv2D(4, 3, activation="relu")
    return keras.Sequential([keras.Input(input_shape), convolution])


WAYS = {
    "plain": PLAIN,
    "all": CNNClassifier(filters=(4,), **SMALL, rotation=9, dropout=0.3).set_params(
        early_stopping=True, patience=2, reduce_lr=True, min_delta=1.0
    ),
    "one_cycle": DenseClassifier(**SMALL, lr_schedule="one_cycle", dropout=0.2),
    "unseeded": DenseClassifier(**{**SMALL, "random_state": None}),
    "keras": DenseClassifier(
        **SMALL,
        average=True,
        callbacks=[
            (
                "stop",
                KerasCallback(
                    "EarlyStopping", patience=2, min_delta=9, restore_best_weights=True
                ),
            )
        ],
    ),
    "transfer": TransferLearningClassifier(
        backbone=small_body, weights=None, trainable_layers="all", **SMALL
    ).set_params(epochs=3, fine_tune_epochs=2, early_stopping=True),
}


class Killed(BaseException):
    """Stands for a kill where a process of its own would take too long."""


def killed_after(model, n_states, monkeypatch):
    """Fit until so many states were written."""
    write, left = CheckpointFolder.write, [n_states]

    def write_some(folder, *state):
        write(folder, *state)
        left[0] -= 1
        if not left[0]:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(CheckpointFolder, "write", write_some)
        with pytest.raises(Killed):
            model.fit(X, Y)


def same(first, second):
    pairs = [
        *zip(first._network.values, second._network.values, strict=True),
        *zip(
            first._network.values_to_train,
            second._network.values_to_train,
            strict=True,
        ),
        *zip(
            first._network.optimizer_values,
            second._network.optimizer_values,
            strict=True,
        ),
    ]
    assert all(np.array_equal(a, b) for a, b in pairs)
    assert first.n_iter_ == second.n_iter_
    assert json.dumps(first.history_) == json.dumps(second.history_)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n_states", [1, 4])
def test_a_training_goes_on_to_the_same_bits(way, n_states, monkeypatch, tmp_path):
    if way == "unseeded":
        state = np.random.RandomState(7).get_state()
        whole = clone(WAYS[way])
        np.random.set_state(state)
    else:
        whole = clone(WAYS[way])
    whole.fit(X, Y)
    model = clone(WAYS[way]).set_params(checkpoint_dir=tmp_path)
    if way == "unseeded":
        np.random.set_state(state)
    n_states = min(n_states, whole.n_iter_ + 1)
    killed_after(model, n_states, monkeypatch)
    same(clone(model).fit(X, Y), whole)


def test_a_killed_process_goes_on_to_the_same_bits(tmp_path, forks):
    script = """if True:
        import sys, time
        import keras
        from sklearn.datasets import load_digits
        from skl_signlang import DenseClassifier
        X, y = load_digits(return_X_y=True)
        wait = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: time.sleep(0.3))
        DenseClassifier(
            hidden_layer_sizes=(8,), epochs=12, random_state=0, average=True,
            early_stopping=True, patience=12, batch_size=32, callbacks=[("wait", wait)],
            checkpoint_dir=sys.argv[1]
        ).fit(X[:200], y[:200])
    """
    folder = tmp_path / "run"
    with forks.start(script, folder) as process:
        deadline = time.monotonic() + 500
        while process.poll() is None and time.monotonic() < deadline:
            if (folder / LAST).exists() and CheckpointFolder(folder).read()[1][
                "n_iter"
            ]:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    done = CheckpointFolder(folder).read()[1]["n_iter"]
    assert 1 <= done < 12
    model = DenseClassifier(
        hidden_layer_sizes=(8,),
        epochs=12,
        random_state=0,
        average=True,
        early_stopping=True,
        patience=12,
        batch_size=32,
    )
    whole = clone(model).fit(X, Y)
    same(model.set_params(checkpoint_dir=folder).fit(X, Y), whole)


def test_best_and_last_are_kept(tmp_path):
    model = DenseClassifier(**SMALL, early_stopping=True, checkpoint_dir=tmp_path)
    model.fit(X, Y)
    assert {path.name for path in tmp_path.iterdir()} == {"best.keras", LAST}
    best = keras.saving.load_model(tmp_path / "best.keras", compile=False)
    got = best.predict(X, verbose=0)
    assert np.allclose(got, model.predict_proba(X), atol=1e-6)
    with np.load(tmp_path / LAST, allow_pickle=False) as content:
        assert all(content[name].dtype != object for name in content.files)


def test_what_has_ended_is_not_trained_again(tmp_path, monkeypatch):
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path).fit(X, Y)
    again = clone(model).set_params(verbose=0).fit(X, Y)
    same(model, again)
    model.set_params(warm_start=True)
    longer = clone(PLAIN).set_params(epochs=10).fit(X, Y)
    same(model.fit(X, Y), longer)


def test_more_epochs_go_on_where_fewer_ended(tmp_path):
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path, epochs=2).fit(X, Y)
    same(clone(model).set_params(epochs=5).fit(X, Y), clone(PLAIN).fit(X, Y))
    with pytest.raises(ValueError, match=r"epochs \(stored '5', current '4'"):
        clone(model).set_params(epochs=4).fit(X, Y)


def test_a_schedule_is_over_the_epochs_it_began_with(tmp_path):
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path, lr_schedule="cosine")
    model.fit(X, Y)
    with pytest.raises(ValueError, match=r"epochs \(stored '5', current '9'"):
        clone(model).set_params(epochs=9).fit(X, Y)


def test_other_callbacks_may_look_on(tmp_path):
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path)
    model.set_params(callbacks=[("stop", StopAtMetric("accuracy", 0.0))])
    assert model.fit(X, Y).n_iter_ == 1
    same(clone(model).set_params(callbacks=None).fit(X, Y), clone(PLAIN).fit(X, Y))


def test_partial_fit_keeps_nothing(tmp_path):
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path / "no")
    model.partial_fit(X, Y, classes=range(10))
    assert not (tmp_path / "no").exists()


# --- bad input --------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint")
    clone(PLAIN).set_params(checkpoint_dir=path, epochs=1).fit(X, Y)
    return path


@pytest.mark.parametrize(
    ("change", "data", "message"),
    [
        ({"hidden_layer_sizes": (9,)}, {}, "other architecture.*hidden_layer_sizes"),
        ({"random_state": 1}, {}, r"random_state \(stored '0', current '1'"),
        ({"learning_rate": 0.5}, {}, "learning_rate"),
        ({"optimizer__beta_1": 0.5}, {}, "optimizer__beta_1"),
        ({}, {"X": X[::-1]}, "other data"),
        ({}, {"y": np.roll(Y, 1)}, "other data"),
        ({}, {"sample_weight": np.arange(200)}, "other data"),
        ({}, {"X_val": X[:9], "y_val": Y[:9]}, "other validation"),
    ],
)
def test_another_training_is_refused_by_name(folder, change, data, message):
    before = (folder / LAST).read_bytes()
    model = clone(PLAIN).set_params(checkpoint_dir=folder, epochs=1)
    model.set_params(**change)
    with pytest.raises(ValueError, match=f"checkpoint_dir=.*{message}"):
        model.fit(**{"X": X, "y": Y, **data})
    assert (folder / LAST).read_bytes() == before
    assert not hasattr(model, "n_iter_")


def test_switches_of_numpy_are_those_of_python(tmp_path):
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path, epochs=1)
    model.set_params(reduce_lr=np.True_).fit(X, Y)
    model.set_params(reduce_lr=True).fit(X, Y)
    with pytest.raises(ValueError, match=r"reduce_lr \(stored 'True', current 'False'"):
        model.set_params(reduce_lr=np.False_).fit(X, Y)


def test_another_estimator_is_refused(folder):
    model = CNNClassifier(filters=(4,), epochs=1, random_state=0)
    with pytest.raises(ValueError, match=r"estimator \(stored DenseClassifier"):
        model.set_params(checkpoint_dir=folder).fit(X, Y)


def changed_facts(folder, path, **change):
    fingerprint, progress = CheckpointFolder(folder).read()
    arrays = CheckpointFolder(folder).read_arrays(10**6)
    CheckpointFolder(path).write({**fingerprint, **change}, progress, arrays)
    return clone(PLAIN).set_params(checkpoint_dir=path, epochs=1)


def test_other_versions_are_refused(folder, tmp_path):
    model = changed_facts(folder, tmp_path, format=99)
    with pytest.raises(ValueError, match=r"checkpoint_dir=.* version 99"):
        model.fit(X, Y)
    model = changed_facts(folder, tmp_path, versions={"keras": "2.0"})
    with pytest.raises(ValueError, match=r"checkpoint_dir=.*keras \(stored '2\.0'"):
        model.fit(X, Y)


@pytest.mark.parametrize("content", ["empty", "cut", "text", "pickled"])
def test_what_is_no_checkpoint_is_refused(folder, tmp_path, content):
    whole = (folder / LAST).read_bytes()
    (tmp_path / LAST).write_bytes(
        {"empty": b"", "cut": whole[: len(whole) // 2], "text": b"hello"}.get(
            content, b""
        )
    )
    if content == "pickled":
        np.savez(tmp_path / LAST, fingerprint=np.array([{}], dtype=object))
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path)
    with pytest.raises(ValueError, match=r"checkpoint_dir=.*damaged or not a"):
        model.fit(X, Y)


def change_state(path, member, change):
    """Change an array of a ``.npz`` file, or an object of JSON in it."""
    with np.load(path) as file:
        arrays = dict(file)
    array = arrays[member]
    if array.dtype == np.uint8:
        document = json.loads(array.tobytes())
        change(document)
        array = np.frombuffer(json.dumps(document).encode(), np.uint8)
    else:
        array = change(array)
    np.savez(path, **{**arrays, member: array})


def filled(value):
    return lambda array: np.full_like(array, value)


def one_more(array):
    return np.concatenate([array, array[:1]])


TAMPERED = {
    "NaN weights": ("last.0", filled(np.nan), "last.0.*not finite"),
    "infinite weights": ("last.1", filled(np.inf), "last.1.*not finite"),
    "other shape": ("last.0", one_more, "last.0.*has shape .* expected"),
    "other dtype": ("last.1", lambda a: a.astype("f8"), "last.1.*float64; expected"),
    "NaN average": ("average.2", filled(np.nan), "average.2.*not finite"),
    "NaN moments": ("optimizer.2", filled(np.nan), "optimizer.2.*not finite"),
    "other moments": ("optimizer.2", one_more, "optimizer.2.*has shape"),
    "NaN rate": ("optimizer.1", filled(np.nan), "optimizer.1.*not finite"),
    "infinite rate": ("optimizer.1", filled(np.inf), "optimizer.1.*learning rate"),
    "negative rate": ("optimizer.1", filled(-1), "optimizer.1.*learning rate"),
    "NaN best": (
        "progress",
        lambda p: p["watchers"][0].__setitem__(0, float("nan")),
        "best loss in its watchers is nan",
    ),
    "negative wait": (
        "progress",
        lambda p: p["watchers"][0].__setitem__(1, -5),
        "in its watchers is -5",
    ),
    "large seed": ("progress", lambda p: p.update(seed=1 << 40), "its seed is"),
    "a text for a number": (
        "progress",
        lambda p: p["callbacks"]["stop"].update(wait="x"),
        "wait of callback 'stop' is 'x'; expected a number",
    ),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_states_that_no_fit_writes_are_refused(case, tmp_path):
    member, change, message = TAMPERED[case]
    average = case == "NaN average"
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path, epochs=2, average=average)
    stop = KerasCallback("EarlyStopping", monitor="loss", patience=9)
    model.set_params(callbacks=[("stop", stop)]).fit(X, Y)
    change_state(tmp_path / LAST, member, change)
    with pytest.raises(ValueError, match=message):
        clone(model).set_params(epochs=3).fit(X, Y)


def test_places_that_cannot_be_written_are_named(tmp_path):
    (tmp_path / "file").write_text("")
    for place in ("/proc/skl_signlang", tmp_path / "file", tmp_path / "file" / "in"):
        model = clone(PLAIN).set_params(checkpoint_dir=place)
        with pytest.raises(OSError, match=r"checkpoint_dir=.* cannot be written"):
            model.fit(X, Y)
        assert not hasattr(model, "n_iter_")


def test_a_full_disk_is_told_before_training(tmp_path, monkeypatch):
    epochs = []
    log = keras.callbacks.LambdaCallback(on_epoch_begin=lambda e, _: epochs.append(e))
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path, callbacks=[("log", log)])
    full = _checkpoint_files.shutil._ntuple_diskusage(100, 90, 10)
    monkeypatch.setattr(_checkpoint_files.shutil, "disk_usage", lambda path: full)
    with pytest.raises(OSError, match=r"checkpoint_dir=.* 10 are free"):
        model.fit(X, Y)
    assert not epochs


def test_a_disk_that_fills_up_leaves_the_last_state(tmp_path, monkeypatch):
    model = clone(PLAIN).set_params(checkpoint_dir=tmp_path)
    savez, left = np.savez, [3]

    def fill(file, **parts):
        left[0] -= 1
        if not left[0]:
            file.write(b"half")
            raise OSError(28, "No space left on device")
        savez(file, **parts)

    with monkeypatch.context() as patch:
        patch.setattr(_stored_state.np, "savez", fill)
        with pytest.raises(OSError, match=r"checkpoint_dir=.* No space left"):
            model.fit(X, Y)
    assert CheckpointFolder(tmp_path).read()[1]["n_iter"] == 1
    assert not hasattr(model, "n_iter_")
    same(model.fit(X, Y), clone(PLAIN).fit(X, Y))


def test_a_folder_that_another_training_uses_is_refused(tmp_path):
    model = DenseClassifier(**SMALL, checkpoint_dir=tmp_path / "state")
    with (
        locked(tmp_path / "state"),
        pytest.raises(ValueError, match="is in use by another fit"),
    ):
        model.fit(X, Y)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X * np.nan, Y)
    assert not any(tmp_path.iterdir())
    model.fit(X, Y)


def test_a_search_says_to_leave_the_folder_out(tmp_path):
    model = DenseClassifier(**SMALL, checkpoint_dir=tmp_path)
    search = GridSearchCV(model, {"epochs": [1]}, cv=2, error_score="raise")
    with pytest.raises(ValueError, match="search or cross-validation"):
        search.fit(X, Y)
