"""A search that trains what is promising further, and stops the rest."""

import os
import time
from numbers import Integral, Real

import numpy as np
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.metrics._scorer import _MultimetricScorer
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import (
    _insert_error_scores,
    _warn_or_raise_about_fit_failures,
)
from sklearn.utils import check_random_state, indexable
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_method_params

from skl_signlang._numbers import plain_number
from skl_signlang.model_selection._brackets import (
    draw_candidates,
    n_promoted,
    plan_brackets,
)
from skl_signlang.model_selection._continued_training import (
    check_fit_params,
    trained_part,
)
from skl_signlang.model_selection._kept_search import (
    KeptSearch,
    facts_of,
    kept_seed,
)
from skl_signlang.model_selection._kept_training import can_be_kept
from skl_signlang.model_selection._rungs import Rungs


class HyperbandSearchCV(BaseSearchCV):
    """Search for good parameters, training on what is promising and stopping the rest.

    Hyperband [1]_ draws candidates and lets them race in brackets of successive
    halving: all of a bracket are trained for a few epochs and scored by
    cross-validation, the best go on for `factor` times as many, and so on up to
    `max_resource`. A candidate that goes on is not trained anew: its network of each
    fold continues by `partial_fit`. Brackets differ in how many candidates they begin
    with, and for how long these are trained before the first are stopped.

    Parameters
    ----------
    estimator : estimator instance
        With a `partial_fit` that trains one epoch, such as those of skl_signlang, or a
        Pipeline that ends with one. It is cloned for each candidate and fold.
    param_distributions : dict or list of dict
        By parameter, a list of values or a distribution with a method ``rvs``, such as
        those of `scipy.stats`; as in `sklearn.model_selection.RandomizedSearchCV`.
    resource : str, default="epochs"
        The parameter that says how many epochs `fit` trains. It may be that of the
        last step of a Pipeline, such as ``"cnn__epochs"``: the earlier steps stay as
        they were fitted on the training part of the fold, the last continues.
    max_resource : int or "auto", default="auto"
        Most epochs of one candidate. "auto" is what `estimator` has for `resource`.
    factor : float, default=3
        From rung to rung one candidate in so many goes on, to so many times as many
        epochs; at least 2.
    cv : int, cross-validation generator or iterable, default=None
        How to split, as in `GridSearchCV`; None is 5 folds. A splitter such as
        `StratifiedGroupKFold` takes the ``groups`` of `fit`.
    n_jobs : int, default=None
        How many folds are trained at the same time, by joblib; None is one, -1 as
        many as there are processors.
    scoring : str, callable, list, tuple or dict, default=None
        How to score, as in `GridSearchCV`; None is the estimator's own `score`. Of
        several scores the one named by `refit` decides who goes on, else the first.
    refit : bool, str or callable, default=True
        Whether the best candidate is fitted on all data in the end, for as many epochs
        as it was scored with. With several scores the name of the one that counts. A
        callable takes ``cv_results_`` and returns ``best_index_``.
    random_state : int, RandomState instance or None, default=None
        Draws the candidates. Networks have their own.
    verbose : int, default=0
        1 prints a line for each rung.
    error_score : "raise" or float, default=nan
        The score of a candidate whose training fails, which then stops; "raise"
        raises the error.
    return_train_score : bool, default=False
        Whether ``cv_results_`` has the scores on the training parts too.
    resume_dir : str or path-like, default=None
        A folder for what is finished. A search that was interrupted or killed goes on
        where it stopped, if it is run again with the same folder, parameters and data.
        Only networks of this package can be kept there.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray
        One row for each candidate on each rung, in the order of training, with the
        columns of `GridSearchCV` and with ``bracket``, ``iter`` (the rung),
        ``candidate`` (its number: the same on all rungs) and ``n_resources`` (the
        epochs it had in all). ``params`` holds the resource too. ``mean_fit_time``
        counts the epochs of this rung only, in seconds.
    best_estimator_ : estimator instance
        Fitted on all data, if `refit`.
    best_score_ : float
        Mean score over the folds of the best row. Not there if `refit` is callable.
    best_params_ : dict
        Of the best row, the resource included.
    best_index_ : int
        The best row of ``cv_results_``.
    brackets_ : list of list of (int, int)
        For each rung of each bracket how many candidates were planned, and how many
        epochs each has had at its end.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds that fitting the best took.
    multimetric_ : bool
        Whether there are several scores.
    scorer_ : callable or dict
        What scores.
    classes_ : ndarray of shape (n_classes,)
        The labels, if the best is a classifier.
    n_features_in_ : int
        Values in a sample.
    feature_names_in_ : ndarray of str, shape (`n_features_in_`,)
        Column names, if the best has them.

    See Also
    --------
    sklearn.model_selection.RandomizedSearchCV : Trains each candidate to the end.
    sklearn.model_selection.HalvingRandomSearchCV : One bracket that trains each rung
        anew; for estimators without `partial_fit`.

    Notes
    -----
    Training in pieces gives the network that training at once gives, to the bit, if
    `random_state` of the estimator is an integer, and if what earlier steps give
    in `fit_transform` is what they give in `transform`. Where training in pieces is
    another, with ``lr_schedule`` or with layers of a backbone that are fine-tuned,
    `fit` raises an error.

    References
    ----------
    .. [1] L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar, "Hyperband: A
       Novel Bandit-Based Approach to Hyperparameter Optimization", JMLR 18 (2018).

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.model_selection import HyperbandSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> search = HyperbandSearchCV(
    ...     DenseClassifier(hidden_layer_sizes=(16,), batch_size=16, random_state=0),
    ...     {"learning_rate": loguniform(1e-4, 1e-1)},
    ...     max_resource=9,
    ...     cv=2,
    ...     random_state=0,
    ... ).fit(X, y)
    >>> bool(search.best_score_ > 0.9)
    True
    >>> search.cv_results_["n_resources"].tolist()[:13]
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 9]
    """

    _parameter_constraints: dict = {
        **BaseSearchCV._parameter_constraints,
        "param_distributions": [dict, list],
        "resource": [str],
        "max_resource": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "factor": [Interval(Real, 2, None, closed="left")],
        "random_state": ["random_state"],
        "resume_dir": [str, os.PathLike, None],
    }
    _parameter_constraints.pop("pre_dispatch")  # no parameter of this class

    def __init__(
        self,
        estimator,
        param_distributions,
        *,
        resource="epochs",
        max_resource="auto",
        factor=3,
        cv=None,
        n_jobs=None,
        scoring=None,
        refit=True,
        random_state=None,
        verbose=0,
        error_score=np.nan,
        return_train_score=False,
        resume_dir=None,
    ):
        super().__init__(
            estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.param_distributions = param_distributions
        self.resource = resource
        self.max_resource = max_resource
        self.factor = factor
        self.random_state = random_state
        self.resume_dir = resume_dir

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, **params):
        """Search, and fit the best candidate on all data.

        Parameters
        ----------
        X : array-like of n rows
            What the estimator takes.
        y : array-like of n rows, default=None
            Targets.
        **params : dict
            What goes to `fit` of the estimator, such as ``sample_weight``, and
            ``groups`` of shape (n,), which go to `split` of `cv`; with metadata
            routing, whatever these and the scorer ask for.

        Returns
        -------
        self : HyperbandSearchCV
            The search, done.

        Raises
        ------
        ValueError
            For bad parameters, if training cannot go on with them, if all candidates
            fail, or if `resume_dir` holds another search.
        TypeError
            If the estimator has no `partial_fit`.
        """
        scorer, refit_metric = self._get_scorers()
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        max_resource = self._check_resource(routed.estimator.fit)
        folds = self._split(X, y, routed.splitter.split)
        seed = self._seed()
        self.brackets_ = plan_brackets(max_resource, plain_number(self.factor))
        rungs = Rungs(
            clone(self.estimator),
            X,
            y,
            folds,
            n_jobs=self.n_jobs,
            resource=self.resource,
            kept=self._open_folder(X, y, folds, params, seed, max_resource),
            scorer=scorer,
            fit_params=routed.estimator.fit,
            score_params=routed.scorer.score,
            error_score=self.error_score,
            return_train_score=self.return_train_score,
        )
        with rungs:
            self._race(rungs, self._draw(seed))
        results = self._to_results(rungs.rows)
        first_scores = rungs.rows[0].results[0]["test_scores"]
        self.multimetric_ = isinstance(first_scores, dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(first_scores)
            refit_metric = self.refit
        self._choose(results, refit_metric)
        if self.refit:
            self._fit_best(X, y, routed.estimator.fit)
        several = isinstance(scorer, _MultimetricScorer)
        self.scorer_ = scorer._scorers if several else scorer
        self.cv_results_ = results
        return self

    # --- before -----------------------------------------------------------------------

    def _check_resource(self, fit_params):
        """Give the most epochs of a candidate, or raise before anything is trained."""
        part, name = trained_part(self.estimator, self.resource)
        check_fit_params(self.estimator, fit_params)
        if self.resume_dir is not None and not can_be_kept(part):
            raise ValueError(
                f"resume_dir keeps the training of networks of skl_signlang; "
                f"{type(part).__name__} is none. Leave resume_dir out."
            )
        if self.max_resource != "auto":
            return int(self.max_resource)
        own = getattr(part, name)
        if not isinstance(own, Integral) or own < 1:
            raise ValueError(
                f"max_resource='auto' takes {self.resource} of the estimator, which "
                f"is {own!r}; give an integer from 1 on."
            )
        return int(own)

    def _split(self, X, y, split_params):
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        self.n_splits_ = cv.get_n_splits(X, y, **split_params)
        # once for all rungs, so that no random splitter divides them differently
        folds = list(cv.split(X, y, **split_params))
        if len(folds) != self.n_splits_:
            raise ValueError(
                f"cv.split and cv.get_n_splits return inconsistent results. Expected "
                f"{self.n_splits_} splits, got {len(folds)}"
            )
        return folds

    def _seed(self):
        if self.resume_dir is not None and self.random_state is None:
            kept = kept_seed(self.resume_dir)
            if kept is not None:
                return kept
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _open_folder(self, X, y, folds, params, seed, max_resource):
        if self.resume_dir is None:
            return None
        data = {"X": X, "y": y, "folds": folds, **params}
        facts = facts_of(self, data, seed=seed, max_resource=max_resource)
        return KeptSearch(self.resume_dir, facts)

    def _draw(self, seed):
        """Draw the candidates of each bracket, and number them over all."""
        sizes = [rungs[0][0] for rungs in self.brackets_]
        drawn = draw_candidates(
            self.param_distributions, sizes, np.random.RandomState(seed)
        )
        if any(self.resource in params for bracket in drawn for params in bracket):
            raise ValueError(
                f"{self.resource!r} is the resource, so it cannot be searched; leave "
                "it out of param_distributions."
            )
        first, numbered = 0, []
        for bracket in drawn:
            numbered.append(dict(enumerate(bracket, start=first)))
            first += len(bracket)
        return numbered

    # --- the search -------------------------------------------------------------------

    def _race(self, rungs, candidates):
        """Let the candidates of each bracket go from rung to rung."""
        for bracket, (plan, alive) in enumerate(
            zip(self.brackets_, candidates, strict=True)
        ):
            for rung, (_, epochs) in enumerate(plan):
                if not alive:
                    break
                is_last = rung == len(plan) - 1
                rows = []
                for row in rungs.run(bracket, rung, alive, epochs, is_last):
                    rows.append(row)
                    self._on_row(rungs)
                best = self._sort(rows)
                if self.verbose:
                    self._print(rows, best)
                best = best[: n_promoted(len(rows), plain_number(self.factor))]
                alive = {} if is_last else {row.candidate: row.params for row in best}
                rungs.drop(row.candidate for row in rows if row.candidate not in alive)

    def _on_row(self, rungs):
        """Look at what is known, after each row; for commands."""

    def _sort(self, rows):
        """Put the candidates that can go on in order, the best first."""
        able = [row for row in rows if not row.failed]
        return sorted(able, key=lambda row: _worst_last(self._mean_score(row)))

    def _mean_score(self, row):
        return float(np.mean([self._number(one["test_scores"]) for one in row.results]))

    def _number(self, scores):
        """Give the one score that decides."""
        if not isinstance(scores, dict):
            return scores
        if isinstance(self.refit, str) or self.refit is True:
            self._check_refit_for_multimetric(scores)
            return scores[self.refit]
        return next(iter(scores.values()))

    def _print(self, rows, best):
        first = rows[0]
        best_of_all = f", best {self._mean_score(best[0]):.4f}" if best else ""
        print(
            f"bracket {first.bracket + 1} of {len(self.brackets_)}, "
            f"rung {first.rung + 1}: {len(rows)} candidates on {self.n_splits_} folds, "
            f"{self.resource} up to {first.epochs}{best_of_all}",
            flush=True,
        )

    # --- after ------------------------------------------------------------------------

    def _to_results(self, rows):
        results = [one for row in rows for one in row.results]
        _warn_or_raise_about_fit_failures(results, self.error_score)
        if callable(self.scoring):
            _insert_error_scores(results, self.error_score)
        return self._format_results(
            [{**row.params, self.resource: row.epochs} for row in rows],
            self.n_splits_,
            results,
            {
                "bracket": [row.bracket for row in rows],
                "iter": [row.rung for row in rows],
                "candidate": [row.candidate for row in rows],
                "n_resources": [row.epochs for row in rows],
            },
        )

    def _choose(self, results, refit_metric):
        if not self.refit and self.multimetric_:
            return
        self.best_index_ = self._select_best_index(self.refit, refit_metric, results)
        if not callable(self.refit):
            means = results[f"mean_test_{refit_metric}"]
            self.best_score_ = means[self.best_index_]
        self.best_params_ = results["params"][self.best_index_]

    def _fit_best(self, X, y, fit_params):
        best = clone(self.estimator)
        self.best_estimator_ = best.set_params(**clone(self.best_params_, safe=False))
        start = time.perf_counter()
        self.best_estimator_.fit(*((X,) if y is None else (X, y)), **fit_params)
        self.refit_time_ = time.perf_counter() - start
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_


def _worst_last(score):
    return np.inf if np.isnan(score) else -score
