"""A search on Dask with one and two workers of one core, and a model up to 256.

``python -m benchmarks.dask_scaling [--rounds 3]``

The same `GridSearchCV` over small CNNs runs on a local cluster of one worker and of
two, each a process that is bound to one core; workers are warm, and pairs of runs
alternate. What a task costs beside its training (packing, scheduling, collecting) is
measured with tasks that do nothing. For a single worker joblib uses none, so there the
search as a whole is one task.

The model: with w workers a search of n tasks takes
``a + max(ceil(n / w) * t, n * d)`` seconds, where t is a task's time on its core, d
what client and scheduler need for it, one after the other, and a what is done once.
Rungs of Hyperband wait for each other, so each is such a search without a. Between
machines there is a network besides, which this model knows nothing of.
"""

import argparse
import logging
import os
import time
from math import ceil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import joblib
import numpy as np
from distributed import Client, LocalCluster
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from benchmarks._report import print_table, save
from skl_signlang.model_selection._brackets import plan_brackets

RATES = np.geomspace(1e-4, 1e-2, 8)
N_FOLDS, EPOCHS = 2, 8
WORKERS = 2 ** np.arange(9)


def network():
    from skl_signlang import CNNClassifier

    return CNNClassifier(filters=(16, 32), epochs=EPOCHS, random_state=0)


def bind_to_a_core(dask_worker):
    """Let all threads of a worker run on one core, each worker's on another."""
    core = sorted(os.sched_getaffinity(0))[dask_worker.name % os.cpu_count()]
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), {core})


def warm_up(X, y):
    """Start TensorFlow and trace the network, as a worker's first task does."""
    start = time.perf_counter()
    network().set_params(epochs=1).fit(X, y).predict(X)
    return time.perf_counter() - start


def fit_grid(X, y, folds):
    """Search."""
    space = {"learning_rate": RATES}
    GridSearchCV(network(), space, cv=folds, refit=False).fit(X, y)


def nothing(estimator, X, y, train, test):
    """Be a task that only costs what a task costs."""


class Workers:
    """A local cluster that is warm."""

    def __init__(self, n, X, y):
        self.cluster = LocalCluster(
            n_workers=n,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs="ERROR",
        )
        self.client = Client(self.cluster, set_as_default=False)
        self.client.run(bind_to_a_core)
        self.first = max(self.client.run(warm_up, X[:200], y[:200]).values())

    def search(self, X, y, folds):
        """Give the seconds of a search."""
        start = time.perf_counter()
        if len(self.cluster.workers) == 1:
            self.client.submit(fit_grid, X, y, folds, pure=False).result()
        else:
            with self._on(X, y, *(rows for fold in folds for rows in fold)):
                fit_grid(X, y, folds)
        return time.perf_counter() - start

    def cost_of_a_task(self, X, y, folds, n=200):
        """Give the seconds that a task costs besides what it does."""
        train, test = folds[0]
        with self._on(X, y, train, test):
            start = time.perf_counter()
            joblib.Parallel(batch_size=1)(
                joblib.delayed(nothing)(clone(network()), X, y, train, test)
                for _ in range(n)
            )
            return (time.perf_counter() - start) / n

    def _on(self, *data):
        return joblib.parallel_config(
            backend="dask", client=self.client, scatter=list(data)
        )

    def close(self):
        """End the processes."""
        self.client.close()
        self.cluster.close()


def seconds_of(tasks, w, t, d):
    """Say by the model how long tasks that do not wait for each other take."""
    return max(ceil(tasks / w) * t, tasks * d)


def hyperband_seconds(w, t, d, max_resource=81, n_folds=3):
    """Say how long Hyperband takes, whose rungs wait for each other."""
    total = 0
    for rungs in plan_brackets(max_resource, 3):
        before = 0
        for candidates, epochs in rungs:
            part = t * (epochs - before) / EPOCHS
            total += seconds_of(candidates * n_folds, w, part, d)
            before = epochs
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs")
    options = parser.parse_args()
    logging.getLogger("distributed").setLevel("ERROR")
    digits = load_digits()
    X, y = digits.images.astype(np.float32), digits.target
    folds = list(StratifiedKFold(N_FOLDS, shuffle=True, random_state=0).split(X, y))
    n = len(RATES) * N_FOLDS
    clusters = {w: Workers(w, X, y) for w in (1, 2)}
    seconds = {w: [] for w in clusters}
    for _ in range(options.rounds):
        for w, workers in clusters.items():
            seconds[w].append(workers.search(X, y, folds))
    d = clusters[2].cost_of_a_task(X, y, folds)
    first = clusters[1].first
    for workers in clusters.values():
        workers.close()
    ratios = np.divide(seconds[1], seconds[2])
    one, two = np.median(seconds[1]), np.median(seconds[1]) / np.median(ratios)
    t = max(one - two, 0) * 2 / n
    a = max(2 * two - one, 0)
    print_table(
        ["workers", f"seconds for {n} tasks"],
        [[w, f"{np.median(runs):.1f}"] for w, runs in seconds.items()],
    )
    print(f"speed-up of two workers: {np.median(ratios):.2f} (median of pairs)")
    print(f"t {t:.2f} s, d {d * 1e3:.1f} ms, a {a:.2f} s; a first task {first:.1f} s")
    searches = {
        f"{n} tasks": lambda w: a + seconds_of(n, w, t, d),
        "300 tasks": lambda w: a + seconds_of(300, w, t, d),
        "5000 tasks": lambda w: a + seconds_of(5000, w, t, d),
        "Hyperband of 81": lambda w: a + hyperband_seconds(w, t, d),
    }
    rows = [
        [w, *(f"{search(1) / search(w):.1f}" for search in searches.values())]
        for w in WORKERS
    ]
    print_table(["speed-up with workers", *searches], rows)
    print(f"client and scheduler keep up with {t / d:.0f} workers at such tasks")
    result = {
        "seconds": seconds,
        "speed_up": float(np.median(ratios)),
        "first_task_s": first,
        "model": {"n": n, "t": t, "d": d, "a": a},
        "speed_ups": {
            name: {int(w): search(1) / search(w) for w in WORKERS}
            for name, search in searches.items()
        },
    }
    save("dask_scaling", result)


if __name__ == "__main__":
    main()
