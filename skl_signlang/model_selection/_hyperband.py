"""Hyperband search with cross-validation."""

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
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import _check_method_params

from skl_signlang._intervals import Interval
from skl_signlang._numbers import plain_number
from skl_signlang.model_selection._brackets import (
    draw_candidates,
    n_promoted,
    number_candidates,
    plan_brackets,
)
from skl_signlang.model_selection._resumed_training import check_resource
from skl_signlang.model_selection._rungs import Rungs, list_folds
from skl_signlang.model_selection._search_checkpoint import (
    open_checkpoint,
    saved_seed,
)
from skl_signlang.model_selection._splittable import check_splittable


class HyperbandSearchCV(BaseSearchCV):
    """Search hyper-parameters with Hyperband and cross-validation.

    Hyperband [1]_ samples candidates and runs brackets of successive halving: all
    candidates of a bracket are trained for a few epochs and scored by
    cross-validation, the best are trained for `factor` times as many epochs, and so
    on up to `max_resource`. Candidates are not retrained from scratch: `partial_fit`
    continues the network of each fold. Brackets differ in the number of candidates and
    in the number of epochs before the first are stopped.

    Read more in the :doc:`User Guide </hyperparameter_search>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    estimator : estimator instance
        An estimator whose `partial_fit` trains one epoch, such as those of
        skl_signlang, or a Pipeline that ends with one. It is cloned for each candidate
        and fold.
    param_distributions : dict or list of dict
        Lists of values, or distributions with a method ``rvs`` such as those of
        `scipy.stats`, by parameter name, as in
        :class:`~sklearn.model_selection.RandomizedSearchCV`.
    resource : str, default="epochs"
        The parameter for the number of epochs, of the estimator or of the last step
        of a Pipeline, such as ``"cnn__epochs"``. The steps before the last are fitted
        once per fold.
    max_resource : int or "auto", default="auto"
        Maximum number of epochs of a candidate. "auto" uses the value of `resource` in
        `estimator`.
    factor : float, default=3
        The fraction ``1 / factor`` of the candidates advances from rung to rung, with
        `factor` times as many epochs. Must be at least 2.
    cv : int, cross-validation generator or iterable, default=None
        The splitting strategy, as in :class:`~sklearn.model_selection.GridSearchCV`;
        None uses 5 folds. Group splitters use the ``groups`` of `fit`.
    n_jobs : int, default=None
        Number of joblib workers; None means 1, -1 all processors.
    scoring : str, callable, list, tuple or dict, default=None
        The metric, as in :class:`~sklearn.model_selection.GridSearchCV`; None uses the
        estimator's `score`. With several metrics, the one named by `refit` selects
        candidates, else the first.
    refit : bool, str or callable, default=True
        Whether to refit the best candidate on all data, for the number of epochs of
        its score. With several metrics, the name of the one that selects. A callable
        takes ``cv_results_`` and returns ``best_index_``.
    random_state : int, RandomState instance or None, default=None
        Seed for sampling candidates. Estimators have their own.
    verbose : int, default=0
        1 prints a line for each rung.
    error_score : "raise" or float, default=nan
        Score of a candidate whose fit fails, which then stops; "raise" raises the
        error.
    return_train_score : bool, default=False
        Whether to include training scores in ``cv_results_``.
    resume_dir : str or path-like, default=None
        Folder for checkpoints of the search. An interrupted search resumes when it is
        run again with the same folder, parameters and data. Only estimators of this
        package can be saved.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray
        One row for each candidate and rung, in the order of training, with the
        columns of :class:`~sklearn.model_selection.GridSearchCV` and ``bracket``,
        ``iter`` (the rung), ``candidate`` (its number, the same on all rungs) and
        ``n_resources`` (total epochs). ``params`` includes the resource.
        ``mean_fit_time`` is the time of this rung only, in seconds.
    best_estimator_ : estimator instance
        Fitted on all data, if `refit`.
    best_score_ : float
        Mean score of the best row over the folds. Not available if `refit` is
        callable.
    best_params_ : dict
        Parameters of the best row, including the resource.
    best_index_ : int
        Index of the best row of ``cv_results_``.
    brackets_ : list of list of (int, int)
        Planned number of candidates and total epochs, for each rung of each bracket.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Time for refitting the best candidate, in seconds.
    multimetric_ : bool
        Whether there are several metrics.
    scorer_ : callable or dict
        The scorer, or a dict of scorers.
    classes_ : ndarray of shape (n_classes,)
        Class labels, if the best estimator is a classifier.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of str, shape (`n_features_in_`,)
        Feature names, if the best estimator has them.

    See Also
    --------
    sklearn.model_selection.RandomizedSearchCV : Trains each candidate to the end.
    sklearn.model_selection.HalvingRandomSearchCV : One bracket that trains each rung
        anew; for estimators without `partial_fit`.

    Notes
    -----
    Resumed and uninterrupted training give bit-for-bit identical networks if
    `random_state` of the estimator is an integer and `fit_transform` of the steps
    before it equals `transform`. `fit` raises an error for parameters with which they
    would differ, such as ``lr_schedule`` and fine-tuned layers of a backbone.

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
        """Run the search, and refit the best candidate on all data.

        Parameters
        ----------
        X : array-like of n rows
            Input of the estimator.
        y : array-like of n rows, default=None
            Targets.
        **params : dict
            Parameters of `fit` of the estimator, such as ``sample_weight``, and
            ``groups`` of shape (n,) for the splitter; with metadata routing, those
            requested by the estimator, the splitter and the scorer.

        Returns
        -------
        self : HyperbandSearchCV
            The fitted search.

        Raises
        ------
        ValueError
            If parameters are invalid or do not allow resuming, all candidates fail, or
            `resume_dir` holds a different search.
        TypeError
            If the estimator has no `partial_fit`.
        """
        check_splittable("HyperbandSearchCV.fit", X, y)
        scorer, refit_metric = self._get_scorers()
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        max_resource = check_resource(self, routed.estimator.fit)
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        folds = list_folds(cv, X, y, routed.splitter.split)
        self.n_splits_ = len(folds)
        seed = self._seed()
        self.brackets_ = plan_brackets(max_resource, plain_number(self.factor))
        checkpoint = None
        if self.resume_dir is not None:
            data = {"X": X, "y": y, "folds": folds, **params}
            checkpoint = open_checkpoint(
                self, data, seed=seed, max_resource=max_resource
            )
        rungs = Rungs(
            clone(self.estimator),
            X,
            y,
            folds,
            n_jobs=self.n_jobs,
            resource=self.resource,
            checkpoint=checkpoint,
            scorer=scorer,
            fit_params=routed.estimator.fit,
            score_params=routed.scorer.score,
            error_score=self.error_score,
            return_train_score=self.return_train_score,
        )
        with rungs:
            sizes = [planned[0][0] for planned in self.brackets_]
            drawn = draw_candidates(
                self.param_distributions, sizes, np.random.RandomState(seed)
            )
            self._run_brackets(rungs, number_candidates(drawn, self.resource))
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

    def _seed(self):
        if self.resume_dir is not None and self.random_state is None:
            seed = saved_seed(self.resume_dir)
            if seed is not None:
                return seed
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    # --- the search -------------------------------------------------------------------

    def _run_brackets(self, rungs, candidates):
        """Train the candidates of each bracket, rung by rung."""
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
        """Report each row; the command overrides it."""

    def _sort(self, rows):
        """Return the rows without failures, best first."""
        able = [row for row in rows if not row.failed]
        return sorted(able, key=lambda row: _worst_last(self._mean_score(row)))

    def _mean_score(self, row):
        return float(np.mean([self._number(one["test_scores"]) for one in row.results]))

    def _number(self, scores):
        """Return the score that selects candidates."""
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
