"""
7. Numbers instead of classes
=============================

The courses predict house prices in Boston with a network of 64, 64 and 1 units, with a
``StandardScaler`` in a Pipeline, so that each fold of the cross-validation has its own.
That data set is no longer given out, for reasons that scikit-learn explains; real data
of the same size are how a diabetes went on for a year, of 442 people.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_07.png"

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.dummy import DummyRegressor
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import Ridge
from sklearn.metrics import PredictionErrorDisplay, make_scorer
from sklearn.model_selection import KFold, cross_val_predict, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_signlang import DenseRegressor
from skl_signlang.inspection import TrainingHistoryDisplay

X, y = load_diabetes(return_X_y=True, scaled=False)
print(
    f"{X.shape[0]} people, {X.shape[1]} measurements, target {y.min():g} to {y.max():g}"
)

# %%
# The network of the course, in a Pipeline
# ----------------------------------------
# The scaler is a step, so ``fit`` on a fold shows it that fold alone. The target is
# large, and a network begins at zero: ``TransformedTargetRegressor`` scales it too, and
# scales predictions back.


def make_network(**parameters):
    """Give the course's network, with scalers for inputs and target."""
    network = DenseRegressor(
        hidden_layer_sizes=(64, 64), batch_size=32, random_state=0, **parameters
    )
    return TransformedTargetRegressor(
        make_pipeline(StandardScaler(), network), transformer=StandardScaler()
    )


# %%
# Four measures
# -------------
# How far off (MAE), with large misses counting more (MSE), in parts of the truth
# (MAPE), and whether the list of predictions points where the list of truths points
# (cosine similarity, 1 at best). Keras' metric of that name looks at each row by
# itself; a row of one number points up or down, which says nothing, so here it is taken
# over a whole fold. It is close to 1 for anything positive: look at the first line.


def cosine_similarity(y_true, y_pred):
    """Cosine of the angle between truths and predictions."""
    return y_true @ y_pred / np.linalg.norm(y_true) / np.linalg.norm(y_pred)


MEASURES = {
    "MAE": "neg_mean_absolute_error",
    "MSE": "neg_mean_squared_error",
    "MAPE": "neg_mean_absolute_percentage_error",
    "cosine": make_scorer(cosine_similarity),
}
models = {
    "always the mean": DummyRegressor(),
    "Ridge": make_pipeline(StandardScaler(), Ridge(10)),
    "the course's network": make_network(epochs=40),
    "20 epochs": make_network(epochs=20),
    "20 epochs, l2": make_network(epochs=20, l2=1e-2),
}
folds = KFold(5, shuffle=True, random_state=0)
print(f"{'':>20} " + " ".join(f"{name:>8}" for name in MEASURES))
for name, model in models.items():
    scores = cross_validate(model, X, y, cv=folds, scoring=MEASURES)
    means = [abs(scores[f"test_{measure}"].mean()) for measure in MEASURES]
    print(f"{name:>20} " + " ".join(f"{mean:8.3f}" for mean in means))

# %%
# Compare with the second line before you are proud of a network: for 442 people and ten
# measurements a straight line is hard to beat. The course's forty epochs learn the
# training people by heart, and fewer epochs do better.
#
# ``DenseRegressor`` standardizes its inputs by itself, from what ``fit`` sees, so that
# the step before it is a habit rather than a need. Other steps are not harmless:
#
# What happens outside the folds
# ------------------------------
# Here are 3,000 columns of pure chance. Whoever first chooses the 20 that go best with
# the target, and then cross-validates, finds something where there is nothing; in a
# Pipeline the choice is made in each fold anew, and the truth comes out. R² is 0 for
# always guessing the mean, and negative for worse.

noise = np.random.default_rng(0).normal(size=(len(y), 3000))
choose = SelectKBest(f_regression, k=20)
network = make_network(epochs=10)
inside = TransformedTargetRegressor(
    make_pipeline(choose, network.regressor), transformer=StandardScaler()
)
outside_score = cross_validate(
    network, choose.fit_transform(noise, y), y, cv=folds, scoring="r2"
)["test_score"].mean()
inside_score = cross_validate(inside, noise, y, cv=folds, scoring="r2")[
    "test_score"
].mean()
print(f"chosen outside the folds: R² {outside_score:5.2f}")
print(f"chosen inside the folds:  R² {inside_score:5.2f}")

# %%
# Predictions on unseen people
# ----------------------------
# Each person is predicted by a network that never saw that person.

predicted = cross_val_predict(models["20 epochs, l2"], X, y, cv=folds)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
PredictionErrorDisplay.from_predictions(
    y, predicted, kind="actual_vs_predicted", ax=left, scatter_kwargs={"alpha": 0.4}
)
PredictionErrorDisplay.from_predictions(
    y, predicted, ax=right, scatter_kwargs={"alpha": 0.4}
)

# %%
# The history of one training, with a fifth of the people held back to watch:

model = DenseRegressor(
    hidden_layer_sizes=(64, 64),
    batch_size=32,
    epochs=40,
    early_stopping=True,
    validation_fraction=0.2,
    patience=10,
    random_state=0,
).fit(X, StandardScaler().fit_transform(y[:, np.newaxis]).ravel())
TrainingHistoryDisplay.from_estimator(model)
