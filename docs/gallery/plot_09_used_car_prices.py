"""
9. Used-car prices
==================

Prices span from a few hundred to many thousands. The courses standardize everything,
train 256, 128, 128 and 1 units, and report the squared error of the standardized
target, which nobody can spend. This predicts the logarithm, reports euros, and compares
with what the best possible model would reach.

That is known here, because **the advertisements are a stand-in**, made by this rule: a
new car costs what its make and its engine say; each year takes away a part that depends
on the make, each 10,000 km another 3 per cent; an automatic gearbox adds 8 per cent; in
the end each price is multiplied by chance, about 12 per cent up or down (lognormal),
which nothing in the table tells.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_09.png"

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
)
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from skl_signlang import DenseRegressor

MAKES = ["Alba", "Brio", "Cima", "Duero", "Ebro"]
CHANCE = 0.12


def make_cars(n_samples, random_state=0):
    """Draw the advertisements that the text describes, and prices without chance."""
    rng = np.random.default_rng(random_state)
    make = rng.integers(0, 5, n_samples)
    age = rng.integers(0, 16, n_samples)
    cars = pd.DataFrame(
        {
            "make": np.array(MAKES)[make],
            "gearbox": rng.choice(["manual", "automatic"], n_samples, p=[0.7, 0.3]),
            "age": age,
            "km": (age * rng.gamma(4, 3500, n_samples)).round(-2),
            "power": rng.choice([55, 70, 85, 110, 150], n_samples),
        }
    )
    new = np.array([9000, 12000, 16000, 24000, 38000])[make] * (cars["power"] / 85)
    kept_a_year = np.array([0.86, 0.88, 0.87, 0.90, 0.84])[make]
    value = (
        new
        * kept_a_year**age
        * 0.97 ** (cars["km"] / 10_000)
        * np.where(cars["gearbox"] == "automatic", 1.08, 1)
    )
    price = value * np.exp(rng.normal(0, CHANCE, n_samples))
    return cars, price.to_numpy().round(), value.to_numpy()


X, y, value = make_cars(2000)
print(X.assign(price=y).head().to_string(index=False))
print(f"prices from {y.min():,.0f} to {y.max():,.0f}, half below {np.median(y):,.0f}")

# %%
# Two ways with one network
# -------------------------
# The course standardizes the price: one euro counts as much at a car of 800 as at one
# of 30,000, so the network minds the dear ones. With the logarithm, one *per cent*
# counts as much everywhere. Both are a ``TransformedTargetRegressor``, which also
# brings predictions back to euros.

columns = ColumnTransformer(
    [("words", OneHotEncoder(sparse_output=False), ["make", "gearbox"])],
    remainder="passthrough",
)
logarithm = make_pipeline(
    FunctionTransformer(np.log, np.exp, check_inverse=False), StandardScaler()
)
course = DenseRegressor(hidden_layer_sizes=(256, 128, 128), epochs=20, random_state=0)
smaller = DenseRegressor(
    hidden_layer_sizes=(32,),
    l2=1e-4,
    learning_rate=0.01,
    lr_schedule="cosine",
    epochs=40,
    random_state=0,
)
models = {
    "course's, euros": (course, StandardScaler()),
    "course's, logarithm": (course, logarithm),
    "32 units, logarithm": (smaller, logarithm),
}
models = {
    name: TransformedTargetRegressor(make_pipeline(columns, network), transformer=scale)
    for name, (network, scale) in models.items()
}
models["boosted trees, logarithm"] = TransformedTargetRegressor(
    make_pipeline(
        ColumnTransformer(
            [("words", OrdinalEncoder(), ["make", "gearbox"])], remainder="passthrough"
        ),
        HistGradientBoostingRegressor(max_iter=80, random_state=0),
    ),
    transformer=logarithm,
)

# %%
# Error on unseen data
# --------------------
# Each car is priced by a model that never saw it. The last line is the price that the
# rule gives, before chance: what remains is chance, and no model can be better but by
# luck.

folds = KFold(3, shuffle=True, random_state=0)
prices = {
    name: cross_val_predict(model, X, y, cv=folds) for name, model in models.items()
}
prices["the rule itself"] = value
print(f"{'':>25}  MAE, euros    MAPE   standardized MSE")
for name, guessed in prices.items():
    print(
        f"{name:>25} {mean_absolute_error(y, guessed):11,.0f} "
        f"{mean_absolute_percentage_error(y, guessed):7.3f} "
        f"{mean_squared_error(y, guessed) / y.var():13.3f}"
    )

# %%
# The last column, the course's, hardly tells these models apart; the second does. On
# cheap cars a model of euros is off by a multiple:

figure, axes = plt.subplots(
    1, 3, figsize=(11, 3.8), sharex=True, sharey=True, layout="constrained"
)
for ax, name in zip(axes, list(prices)[:3], strict=True):
    ax.plot(y, prices[name].clip(50), ".", markersize=3, alpha=0.5)
    ax.plot([y.min(), y.max()], [y.min(), y.max()], color="k", linewidth=0.8)
    ax.set(xscale="log", yscale="log", title=name, xlabel="price, euros")
axes[0].set_ylabel("predicted (50 at least)")
