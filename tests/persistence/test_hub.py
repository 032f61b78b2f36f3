"""Archives on a server that speaks the API of the Hugging Face Hub."""

import re
import sys

import numpy as np
import pytest
from hub_server import serving
from sklearn.datasets import load_iris

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang.persistence import card, load_from_hub, push_to_hub, save

# of huggingface_hub, which gives httpx a file
pytestmark = pytest.mark.filterwarnings(
    "ignore:Use 'content=<...>' to upload:DeprecationWarning"
)
NAME = "signer/letters"
X, y = load_iris(return_X_y=True)
SMALL = {"hidden_layer_sizes": (4,), "epochs": 1, "random_state": 0}


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Serve a Hub, and let huggingface_hub know no other."""
    constants = pytest.importorskip("huggingface_hub.constants")
    with serving() as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        template = constants.HUGGINGFACE_CO_URL_TEMPLATE
        monkeypatch.setattr(
            constants,
            "HUGGINGFACE_CO_URL_TEMPLATE",
            re.sub(r"^https?://[^/]+", hub.url, template),
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", "hf_test")
        yield hub


@pytest.fixture(scope="module")
def model():
    return DenseClassifier(**SMALL).fit(X, y)


@pytest.fixture(scope="module")
def archive(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("hub") / "iris.signlang"
    save(model, path, data="irises", groups="plants")
    return path


def test_a_pushed_archive_comes_back_with_its_card(hub, model, archive):
    revision = push_to_hub(archive, NAME, license="bsd-3-clause")
    assert hub.find(NAME, "main")[0] == revision
    readme = hub.find(NAME, revision)[1]["README.md"].decode()
    _, metadata, text = readme.split("---\n", 2)
    for line in (
        "library_name: skl_signlang",
        "license: bsd-3-clause",
        "pipeline_tag: tabular-classification",
    ):
        assert line in metadata.splitlines()
    assert card(archive) in text
    assert f"load_from_hub('{NAME}'" in text
    loaded = load_from_hub(NAME, revision=revision)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    ("made", "task"),
    [
        (CNNClassifier(filters=(2,), **SMALL), "image-classification"),
        (DenseRegressor(**SMALL), "tabular-regression"),
    ],
    ids=["images", "regression"],
)
def test_the_card_names_the_task(hub, tmp_path, made, task):
    images = np.random.RandomState(0).randint(0, 256, (24, 64), np.uint8)
    rows = images if isinstance(made, CNNClassifier) else X
    save(made.fit(rows, np.resize([0, 1], len(rows))), tmp_path / "one.signlang")
    revision = push_to_hub(tmp_path / "one.signlang", NAME)
    readme = hub.find(NAME, revision)[1]["README.md"].decode()
    assert f"pipeline_tag: {task}\n" in readme


def test_a_revision_stays_when_the_branch_moves(hub, archive):
    first = push_to_hub(archive, NAME)
    hub.commit(NAME, {"model.signlang": b"PK of others"})
    load_from_hub(NAME, revision=first)
    with pytest.raises(ValueError, match=r"cannot be loaded as a .signlang archive"):
        load_from_hub(NAME, revision="main")


def test_a_commit_is_downloaded_once(hub, archive):
    revision = push_to_hub(archive, NAME)
    load_from_hub(NAME, revision=revision)
    hub.requests.clear()
    load_from_hub(NAME, revision=revision)
    assert hub.requests == []


def test_a_revision_is_required(hub, archive):
    push_to_hub(archive, NAME)
    with pytest.raises(TypeError, match="revision"):
        load_from_hub(NAME)
    with pytest.raises(TypeError, match="hash of a commit"):
        load_from_hub(NAME, revision=None)


def test_a_large_file_is_not_downloaded(hub, archive):
    revision = push_to_hub(archive, NAME)
    hub.announced = 5 << 30
    hub.requests.clear()
    with pytest.raises(ValueError, match=r"5,368,709,120 bytes; at most 1,073,741,824"):
        load_from_hub(NAME, revision=revision)
    assert all(request.startswith("HEAD ") for request in hub.requests)


def test_hostile_archives_are_refused_as_by_load(hub):
    hub.repositories[NAME] = []
    revision = hub.commit(NAME, {"model.signlang": b"\x80\x04pickle"})
    with pytest.raises(ValueError, match="pickle, which can run code"):
        load_from_hub(NAME, revision=revision)


def test_what_is_missing_is_an_error(hub, archive, tmp_path):
    from huggingface_hub.errors import HfHubHTTPError

    with pytest.raises(FileNotFoundError, match="There is no file"):
        push_to_hub(tmp_path / "none.signlang", NAME)
    (tmp_path / "text.signlang").write_text("not an archive")
    with pytest.raises(ValueError, match=r"is not a .signlang archive"):
        push_to_hub(tmp_path / "text.signlang", NAME)
    assert hub.repositories == {}
    revision = push_to_hub(archive, NAME)
    for name, wanted, file in (
        ("signer/others", revision, "model.signlang"),
        (NAME, "0" * 40, "model.signlang"),
        (NAME, revision, "other.signlang"),
    ):
        with pytest.raises(HfHubHTTPError):
            load_from_hub(name, revision=wanted, filename=file)
    with pytest.raises(HfHubHTTPError):
        push_to_hub(archive, NAME, token="hf_wrong")


@pytest.mark.slow
def test_without_the_extra_the_error_says_what_to_install(monkeypatch, archive):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ImportError, match=r'pip install "skl_signlang\[hub\]"'):
        push_to_hub(archive, NAME)
