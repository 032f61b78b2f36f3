"""Data of other tools in fit, and our archive as a model of MLflow."""

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_signlang import CNNClassifier, DenseClassifier
from skl_signlang.persistence import save
from skl_signlang.preprocessing import ImageDecoder

X, y = load_iris(return_X_y=True)
SMALL = {"hidden_layer_sizes": (4,), "epochs": 1, "random_state": 0}
DENSE = DenseClassifier(**SMALL)


def test_fit_takes_polars_frames():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(X, schema=list("abcd"))
    labels = polars.Series("species", np.array(["A", "B", "C"])[y])
    model = clone(DENSE).fit(frame, labels)
    assert list(model.feature_names_in_) == list("abcd")
    expected = clone(DENSE).fit(X, labels.to_numpy()).predict_proba(X)
    np.testing.assert_array_equal(model.predict_proba(frame), expected)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.rename({"a": "z"}))


@pytest.mark.slow
def test_fit_takes_image_columns_of_hugging_face_datasets():
    datasets = pytest.importorskip("datasets")
    pixels = np.random.RandomState(0).randint(0, 256, (12, 9, 9), np.uint8)
    letters = np.resize(["A", "B"], 12)
    data = datasets.Dataset.from_dict(
        {"image": [Image.fromarray(one) for one in pixels], "letter": letters.tolist()},
        features=datasets.Features(
            {"image": datasets.Image(), "letter": datasets.Value("string")}
        ),
    )
    network = CNNClassifier(filters=(2,), **SMALL)
    model = make_pipeline(ImageDecoder(), network).fit(data["image"], data["letter"])
    expected = clone(network).fit(pixels, letters).predict_proba(pixels)
    np.testing.assert_array_equal(model.predict_proba(data["image"]), expected)
    with pytest.raises(ValueError, match="0 sample"):
        model.predict(data.select([])["image"])


@pytest.fixture
def mlflow(tmp_path, monkeypatch):
    """MLflow whose runs are kept in a temporary folder."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/runs.db")
    yield mlflow
    mlflow.sklearn.autolog(disable=True)


# MLflow's own
@pytest.mark.filterwarnings("ignore")
@pytest.mark.slow
def test_an_archive_is_a_model_of_mlflow(mlflow):
    model = clone(DENSE).fit(X, np.array(["A", "B", "C"])[y])
    save(model, "letters.signlang")
    with mlflow.start_run():
        logged = mlflow.pyfunc.log_model(
            name="letters",
            loader_module="skl_signlang.persistence.mlflow",
            data_path="letters.signlang",
            pip_requirements=[],
        )
    loaded = mlflow.pyfunc.load_model(logged.model_uri)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    files = mlflow.artifacts.download_artifacts(logged.model_uri)
    assert not [name for name in _names_below(files) if name.endswith(".pkl")]


def _names_below(folder):
    from pathlib import Path

    names = [path.name for path in Path(folder).rglob("*")]
    assert "letters.signlang" in names
    return names


@pytest.mark.filterwarnings("ignore")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "name"),
    [
        (make_pipeline(StandardScaler(), DENSE), "denseclassifier__learning_rate"),
        (GridSearchCV(DENSE, {"dropout": [0.0]}, cv=2), "best_dropout"),
    ],
    ids=["pipeline", "search"],
)
def test_autolog_of_mlflow_writes_our_parameters(mlflow, model, name):
    mlflow.sklearn.autolog(log_models=False, silent=True)
    with mlflow.start_run() as run:
        model.fit(X, y)
    found = mlflow.get_run(run.info.run_id).data
    assert name in found.params
    assert "training_accuracy_score" in found.metrics
