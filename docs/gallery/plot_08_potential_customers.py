"""
8. Potential customers
======================

Columns of many kinds, values that are missing, and a table in which the same customer
stands several times. The courses take Red Hat's customers from a competition and find
that scaling decides between a useless network and a very good one. That is half of the
lesson; the other half is why it is *so* good.

**The table here is a stand-in**, made by this rule. Each of 500 companies has a sector,
a country, a size, an age and a budget, and an inclination to buy, which depends on
these and, as much again, on chance. Each company shows up in 1 to 9 activities, of
their own kind, day and length; an activity ends in a sale by the company's inclination
and a little by the activity. A tenth of the budgets and of the sectors is missing.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_08.png"

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import RocCurveDisplay
from sklearn.model_selection import (
    GroupKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from skl_signlang import DenseClassifier

NUMBERS = ["employees", "budget", "years", "minutes", "day"]
CATEGORIES = ["sector", "country", "activity"]


def make_activities(random_state=0):
    """Draw the table that the text describes."""
    rng = np.random.default_rng(random_state)
    n = 500
    companies = pd.DataFrame(
        {
            "sector": rng.choice(["bank", "school", "shop", "press"], n),
            "country": rng.choice(["ES", "MX", "US", "DE", "IN"], n),
            "employees": np.exp(rng.normal(4, 1.5, n)).round(),
            "budget": np.exp(rng.normal(11, 1.2, n)).round(-2),
            "years": rng.integers(0, 40, n),
        }
    )
    by_sector = (
        companies["sector"].map({"bank": 1, "school": 0.5, "shop": -1}).fillna(0)
    )
    inclination = (
        by_sector
        + (np.log(companies["budget"]) - 11) * (companies["years"] > 10)
        + rng.normal(0, 1.5, n)
    )
    table = companies.iloc[np.repeat(np.arange(n), rng.integers(1, 10, n))].copy()
    company = table.index.to_numpy()
    kinds = np.array(["call", "fair", "trial", "mail"])
    kind = rng.integers(0, 4, len(table))
    table["activity"] = kinds[kind]
    table["minutes"] = rng.exponential(20, len(table)).round(1)
    table["day"] = rng.integers(0, 365, len(table))
    leaning = 2 * inclination[company] + np.array([0, 0.5, 1, -1])[kind]
    y = np.where(leaning + rng.logistic(size=len(table)) > 0, "sale", "no sale")
    for column in ("sector", "budget"):
        empty = (rng.random(n) < 0.1)[company]
        table[column] = table[column].mask(empty)
    return table.reset_index(drop=True), y, company


X, y, company = make_activities()
print(X.head().to_string())
print(f"{len(X)} activities of {len(set(company))} companies")
print(f"{np.mean(y == 'sale'):.2f} of them end in a sale")

# %%
# From a table to numbers
# -----------------------
# A ``ColumnTransformer`` fills what is missing, and says where it did; makes columns of
# categories; and leaves unknown categories of later tables at zero. It learns all that
# inside each fold, as a step of the Pipeline.


def prepare(scaler):
    """Turn the columns into numbers; ``scaler`` may be "passthrough"."""
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True), scaler
    )
    categories = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="not known"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    return ColumnTransformer(
        [("numbers", numbers, NUMBERS), ("categories", categories, CATEGORIES)]
    )


# %%
# The network of the course, without and with scaling
# ---------------------------------------------------
# Three hidden layers of falling size, a fifth of the course's. Without scaling the
# budget is tens of thousands and a category is one, and the network sees little but the
# budget. ``standardize`` would do inside of the network what the scaler does before it.

network = DenseClassifier(
    hidden_layer_sizes=(96, 96, 48), standardize=False, epochs=20, random_state=0
)
models = {
    "the course's, not scaled": make_pipeline(prepare("passthrough"), network),
    "the course's": make_pipeline(prepare(StandardScaler()), network),
}
at_random = StratifiedKFold(3, shuffle=True, random_state=0)
known = {}
for name, model in models.items():
    known[name] = cross_val_score(model, X, y, cv=at_random).mean()
    print(f"{name:>25}: {known[name]:.3f}")

# %%
# Accuracy on unseen data
# -----------------------
# Folds at random put some activities of a company into training and others into the
# test. The company's size, budget and age are as good as its name, and a large network
# learns them by heart: "this one buys". A *potential* customer, though, is one that is
# not in the table. ``StratifiedGroupKFold`` keeps each company on one side.

models["smaller, with dropout"] = make_pipeline(
    prepare("passthrough"),
    DenseClassifier(hidden_layer_sizes=(16,), dropout=0.3, epochs=20, random_state=0),
)
models["boosted trees"] = make_pipeline(
    ColumnTransformer(
        [
            (
                "categories",
                OrdinalEncoder(
                    handle_unknown="use_encoded_value",
                    unknown_value=-1,
                    encoded_missing_value=-1,
                ),
                CATEGORIES,
            )
        ],
        remainder="passthrough",
    ),
    HistGradientBoostingClassifier(max_iter=50, random_state=0),
)
by_company = StratifiedGroupKFold(3, shuffle=True, random_state=0)
print(f"{'':>25}  known companies   new companies")
for name, model in models.items():
    if name not in known:
        known[name] = cross_val_score(model, X, y, cv=at_random).mean()
    new = cross_val_score(model, X, y, groups=company, cv=by_company).mean()
    print(f"{name:>25} {known[name]:12.3f} {new:17.3f}")
always = pd.Series(y).value_counts(normalize=True).max()
print(f"{'always the frequent one':>25} {always:12.3f} {always:17.3f}")

# %%
# What looks much better on the left knows the companies better; on the right, where the
# customers are new, most of its lead is gone.

train, test = next(GroupKFold(4).split(X, y, groups=company))
ax = None
for name in ("the course's", "smaller, with dropout"):
    fitted = models[name].fit(X.iloc[train], y[train])
    display = RocCurveDisplay.from_estimator(
        fitted, X.iloc[test], y[test], pos_label="sale", name=name, ax=ax
    )
    ax = display.ax_
ax.set_title("Companies that took no part in training")
