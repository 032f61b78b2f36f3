"""What the benchmarks claim: figures, goals, and bounds below which CI fails."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

OURS = "CNN: ours"


class Claim(NamedTuple):
    """A figure that a result holds.

    Parameters
    ----------
    benchmark : str
        The module that measures it.
    what, in_spanish : str
        What is measured, in words, with its unit.
    runs : callable
        Takes the benchmark's result to one figure or to a list of repeated ones; NaN
        where a small run has none.
    form : str
        How a figure is written.
    goal : tuple of str and float, default=None
        ">=" or "<=", and what to reach: of the mean, see `worst_goal`.
    worst_goal : float, default=None
        What the worst of the runs has to reach.
    guard : float, default=None
        A bound like the goal's, with generous slack, that `.ci/run` minds in every run.
    front : bool, default=False
        Whether the READMEs show it, of all the claims in ``docs/results/full.md``.
    """

    benchmark: str
    what: str
    in_spanish: str
    runs: Callable
    form: str = "{:.2f}"
    goal: tuple | None = None
    worst_goal: float | None = None
    guard: float | None = None
    front: bool = False

    def figures(self, result):
        """Give the mean and the worst; the latter is None for a single run."""
        runs = np.atleast_1d(self.runs(result)).astype(float)
        worst = None
        if len(runs) > 1:
            worst = float(runs.max() if self._less_is_better else runs.min())
        return float(runs.mean()), worst

    @property
    def _less_is_better(self):
        return self.goal is not None and self.goal[0] == "<="

    def holds(self, figure, bound):
        """Tell whether a figure is on the right side of a bound."""
        return figure <= bound if self._less_is_better else figure >= bound


def _accuracies(name):
    return lambda result: [run["accuracy"] for run in result["runs"][name]]


def _our_failures(result):
    ours = [name for name in result if name.endswith(("Classifier", "Regressor"))]
    return max(result[name]["failed"] for name in ours if " " not in name)


def _cell(key, **where):
    """Take a figure from the row that has these values, NaN if there is none."""

    def figure(result):
        rows = result["rows"]
        return next((row[key] for row in rows if where.items() <= row.items()), np.nan)

    return figure


def _ratios(name):
    return lambda result: result["networks"][name]["ratios"]


def _one_image(result):
    seconds = result["one_picture_seconds"]
    return seconds["SciKeras predict_proba"] / seconds["ours predict_proba"]


def _bulk(result):
    seconds = result["7172_pictures_seconds"]
    return seconds["keras.Model.predict"] / seconds["ours predict_proba"]


def _to_sklearn(result):
    return (
        result["skl_signlang"]["median_seconds"] / result["sklearn"]["median_seconds"]
    )


def _grown_at(axis, value):
    def grown(result):
        rows = result["axes"][axis]["rows"]
        return next((row["grown_mb"] for row in rows if row["value"] == value), np.nan)

    return grown


def _peers_cpu(name):
    def ratio(result):
        peers = result["peers"]
        ran = [
            peers.get(peer, {}).get("fit_cpu_seconds", np.nan) for peer in (name, OURS)
        ]
        return ran[0] / ran[1]

    return ratio


def _beside_mlp(compare):
    """Compare (macro-F1, seconds of a first fit, of a second) with scikit-learn's."""

    def figures(result):
        runs = result["runs"]["10000"]
        pairs = zip(runs["NetworkClassifier"], runs["MLPClassifier"], strict=True)
        return [compare(ours, theirs) for ours, theirs in pairs]

    return figures


def _equal_or_better(result):
    """Count the kinds of scripts whose mean score is SciKeras' or above it."""
    compared = result["comparisons"].values()
    return sum(one["equal"] or one["difference"] > 0 for one in compared)


def _times_as_fast(result):
    """Return the median over the kinds of scripts of the speed of a second run."""
    return np.median(
        [
            np.median(sides["scikeras"]["seconds"][1:])
            / np.median(sides["here"]["seconds"][1:])
            for sides in result["kinds"].values()
        ]
    )


def _smallest(key):
    def value(result):
        return next((row[key] for row in result["rows"] if row["mean"] >= 0.99), np.nan)

    return value


CLAIMS = [
    Claim(
        "estimator_contract",
        "failed checks of `check_estimator`, the most of ours (1 is expected)",
        "comprobaciones fallidas de `check_estimator`, la peor de las nuestras "
        "(se espera 1)",
        _our_failures,
        "{:.0f}",
        ("<=", 1),
        front=True,
    ),
    Claim(
        "estimator_contract",
        "the same of SciKeras",
        "lo mismo de SciKeras",
        lambda result: result["SciKeras KerasClassifier"]["failed"],
        "{:.0f}",
    ),
    Claim(
        "refit",
        "refit of a known network: times as fast as SciKeras",
        "reentrenar una red conocida: veces más rápido que SciKeras",
        lambda result: result["times_faster"],
        "{:.1f}",
        (">=", 5),
        guard=2,
        front=True,
    ),
    Claim(
        "refit",
        "memory that repeated fits of a small CNN leave, MB",
        "memoria que dejan ajustes repetidos de una CNN pequeña, MB",
        lambda result: result["ours"]["growth_mb"],
        "{:.0f}",
        ("<=", 30),
        guard=60,
    ),
    Claim(
        "refit",
        "the same of SciKeras, MB",
        "lo mismo de SciKeras, MB",
        lambda result: result["scikeras"]["growth_mb"],
        "{:.0f}",
    ),
    Claim(
        "refit",
        "memory that 500 fits of ours leave, MB",
        "memoria que dejan 500 ajustes de los nuestros, MB",
        lambda result: result.get("ours alone", {}).get("growth_mb", np.nan),
        "{:.0f}",
    ),
    Claim(
        "refit",
        "refit of a network of one's own: times as fast as SciKeras",
        "reentrenar una red propia: veces más rápido que SciKeras",
        lambda result: result.get("own_times_faster", np.nan),
        "{:.1f}",
        (">=", 10),
    ),
    Claim(
        "refit",
        "memory that 500 fits of it leave, MB",
        "memoria que dejan 500 ajustes de ella, MB",
        lambda result: result.get("own alone", {}).get("growth_mb", np.nan),
        "{:.0f}",
        ("<=", 30),
    ),
    Claim(
        "latency",
        "`predict_proba` of one 28x28 image: times as fast as SciKeras",
        "`predict_proba` de una imagen de 28x28: veces más rápido que SciKeras",
        _one_image,
        "{:.1f}",
        (">=", 50),
        guard=10,
        front=True,
    ),
    Claim(
        "latency",
        "the same of 7,172 images: times as fast as `keras.Model.predict`",
        "lo mismo con 7,172 imágenes: veces más rápido que `keras.Model.predict`",
        _bulk,
        goal=(">=", 1),
        guard=0.6,
    ),
    Claim(
        "throughput",
        "`fit` of `CNNClassifier()`: times as fast as raw `keras.Model.fit`",
        "`fit` de `CNNClassifier()`: veces más rápido que `keras.Model.fit`",
        _ratios("CNNClassifier()"),
        goal=(">=", 1),
        guard=0.6,
    ),
    Claim(
        "throughput",
        "`fit` of `DenseClassifier()`: times as fast as raw `keras.Model.fit`",
        "`fit` de `DenseClassifier()`: veces más rápido que `keras.Model.fit`",
        _ratios("DenseClassifier()"),
        goal=(">=", 1),
        guard=0.5,
    ),
    Claim(
        "throughput",
        "the same of a small CNN",
        "lo mismo de una CNN pequeña",
        _ratios("a small CNN"),
        goal=(">=", 1),
        guard=0.5,
    ),
    Claim(
        "growth",
        "seconds of an epoch grow with the samples, 1,000 to 200,000, to the power of",
        "los segundos de una época crecen con las muestras, de 1,000 a 200,000, a la "
        "potencia",
        lambda result: result["axes"]["samples"]["seconds"]["slope"],
    ),
    Claim(
        "growth",
        "memory that a `GridSearchCV` of 1,000 candidates takes, MB",
        "memoria que toma una `GridSearchCV` de 1,000 candidatos, MB",
        _grown_at("candidates", 1000),
        "{:.0f}",
    ),
    Claim(
        "peers",
        "3 epochs of one CNN: processor's time of raw Keras as it comes, to ours",
        "3 épocas de una CNN: tiempo de procesador de Keras tal como viene, entre el "
        "nuestro",
        _peers_cpu("CNN: raw Keras"),
        "{:.1f}",
    ),
    Claim(
        "peers",
        "the same of skorch with PyTorch",
        "lo mismo de skorch con PyTorch",
        _peers_cpu("CNN: skorch, PyTorch"),
        "{:.1f}",
    ),
    Claim(
        "third_party",
        "runs of eight other libraries around networks that fail by our fault",
        "usos de otras ocho bibliotecas con redes que fallan por culpa nuestra",
        lambda result: result["fail_by_our_fault"],
        "{:.0f}",
        ("<=", 0),
    ),
    Claim(
        "multilabel",
        "20 labels, 10,000 rows: macro-F1 above that of `MLPClassifier`",
        "20 etiquetas, 10.000 filas: macro-F1 por encima de la de `MLPClassifier`",
        _beside_mlp(lambda ours, theirs: ours[0] - theirs[0]),
        "{:+.3f}",
        (">=", -0.01),
    ),
    Claim(
        "multilabel",
        "the same: times as fast, with tracing",
        "lo mismo: veces más rápido, con el trazado",
        _beside_mlp(lambda ours, theirs: theirs[1] / ours[1]),
        goal=(">=", 1),
    ),
    Claim(
        "migration",
        "ten kinds of scripts of SciKeras' users: as good a score or a better one",
        "diez clases de programas de usuarios de SciKeras: igual puntuación o mejor",
        _equal_or_better,
        "{:.0f}",
        (">=", 10),
    ),
    Claim(
        "migration",
        "the same, run again: times as fast as SciKeras, median of the kinds",
        "lo mismo, al repetirlos: veces más rápido que SciKeras, mediana",
        _times_as_fast,
        "{:.1f}",
    ),
    Claim(
        "import_time",
        "`import skl_signlang`, seconds",
        "`import skl_signlang`, segundos",
        lambda result: result["skl_signlang"]["median_seconds"],
        "{:.3f}",
        ("<=", 0.2),
    ),
    Claim(
        "import_time",
        "`import skl_signlang`: share of the time of `import sklearn`",
        "`import skl_signlang`: parte del tiempo de `import sklearn`",
        _to_sklearn,
        "{:.3f}",
        ("<=", 1),
        guard=1,
    ),
    Claim(
        "import_time",
        "TensorFlow imported with it (0 is no)",
        "TensorFlow importado con él (0 es no)",
        lambda result: result["skl_signlang"]["imports_tensorflow"],
        "{:.0f}",
        ("<=", 0),
        guard=0,
    ),
    Claim(
        "import_time",
        "start of the command, `skl-signlang --help`, seconds",
        "arranque del comando, `skl-signlang --help`, segundos",
        lambda result: result["starts"]["skl-signlang --help"],
    ),
    Claim(
        "large_memmap",
        "memory that fitting a large map takes, MB",
        "memoria que toma ajustar con un mapa grande, MB",
        lambda result: result["growth_mb"],
        "{:.0f}",
        ("<=", 600),
        guard=600,
    ),
    Claim(
        "record",
        "official test of Sign Language MNIST, 97,840 weights, 5 seeds",
        "prueba oficial de Sign Language MNIST, 97,840 pesos, 5 semillas",
        lambda result: [run["accuracy"] for run in result["runs"]],
        "{:.4f}",
        (">=", 0.9996),
        worst_goal=0.998,
        front=True,
    ),
    Claim(
        "record",
        "its time to .979 (the courses' best): share of a run of the course's CNN",
        "su tiempo hasta .979 (lo mejor de los cursos): parte de un entrenamiento de "
        "la CNN del curso",
        lambda result: [run["shares"]["0.979"] for run in result["runs"]],
        goal=("<=", 1),
    ),
    Claim(
        "accuracy",
        "the same of `CNNClassifier()` as it comes, 5 seeds",
        "lo mismo de `CNNClassifier()` tal como viene, 5 semillas",
        _accuracies("CNNClassifier()"),
        "{:.4f}",
        (">=", 0.9996),
        worst_goal=0.998,
    ),
    Claim(
        "front",
        "official test, the smallest of six networks to keep .99 with 8 bits: weights",
        "prueba oficial, la menor de seis redes que conserva .99 con 8 bits: pesos",
        _smallest("n_parameters"),
        "{:,.0f}",
    ),
    Claim(
        "front",
        "the same, bytes",
        "lo mismo, bytes",
        _smallest("bytes"),
        "{:,.0f}",
    ),
    Claim(
        "accuracy",
        "official test, `DenseClassifier()`, 5 seeds",
        "prueba oficial, `DenseClassifier()`, 5 semillas",
        _accuracies("DenseClassifier()"),
        "{:.4f}",
    ),
    Claim(
        "honest_scores",
        "random folds against the official test, 13 models: mean gap",
        "particiones al azar frente a la prueba oficial, 13 modelos: distancia media",
        lambda result: result["summary"]["random"]["mean_gap"],
        "{:.3f}",
    ),
    Claim(
        "honest_scores",
        "grouped folds against the official test: mean gap",
        "particiones por grupos frente a la prueba oficial: distancia media",
        lambda result: result["summary"]["grouped"]["mean_gap"],
        "{:.3f}",
        ("<=", 0.05),
        front=True,
    ),
    Claim(
        "honest_scores",
        "grouped folds: rank correlation with the official test",
        "particiones por grupos: correlación de rangos con la prueba oficial",
        lambda result: result["summary"]["grouped"]["rank_correlation"],
        goal=(">=", 0.9),
    ),
    Claim(
        "unseen_hands",
        "`webcam_letters.npz`, `letters-landmarks`, 3 seeds",
        "`webcam_letters.npz`, `letters-landmarks`, 3 semillas",
        lambda result: result["webcam_letters"]["scores"],
        "{:.3f}",
        (">=", 0.85),
    ),
    Claim(
        "train_pretrained",
        "`webcam_letters.npz`, `letters`",
        "`webcam_letters.npz`, `letters`",
        lambda result: result["scores"]["webcam_letters"]["accuracy"],
        "{:.3f}",
        (">=", 0.85),
    ),
    Claim(
        "rendered_to_real",
        "official test, trained on rendered hands only, 3 seeds",
        "prueba oficial, entrenado solo con manos dibujadas, 3 semillas",
        lambda result: [run["official test"]["accuracy"] for run in result["runs"]],
        "{:.3f}",
    ),
    Claim(
        "search",
        "search to the grouped score of SciKeras' grid search, 3 seeds: times as fast",
        "búsqueda hasta la nota por grupos de la rejilla de SciKeras, 3 semillas: "
        "veces más rápida",
        lambda result: result["ratios"]["as it comes"]["seconds"],
        "{:.0f}",
        (">=", 5),
    ),
    Claim(
        "search",
        "the same, the grid's very network, a fifth of its epochs (0: not reached)",
        "lo mismo con la red de la rejilla en la quinta parte de sus épocas (0: no "
        "alcanzada)",
        lambda result: result["ratios"]["the grid's network"]["seconds"],
        "{:.0f}",
        (">=", 5),
    ),
    Claim(
        "transfer_search",
        "head search on frozen MobileNet, per candidate: times as fast as SciKeras",
        "búsqueda de una cabeza sobre MobileNet congelada, por candidato: veces más "
        "rápida que SciKeras",
        lambda result: result["times_faster"],
        "{:.1f}",
        (">=", 20),
    ),
    Claim(
        "dask_scaling",
        "the same `GridSearchCV` on two workers of Dask: times as fast as on one",
        "la misma `GridSearchCV` con dos procesos de Dask: veces más rápida",
        lambda result: result["speed_up"],
        goal=(">=", 1.7),
    ),
    Claim(
        "serve",
        "`skl-signlang serve`, an ONNX file, 64 connections: requests a second",
        "`skl-signlang serve`, un archivo ONNX, 64 conexiones: peticiones por segundo",
        lambda result: result["load"]["ONNX, 64 connections"]["per_second"],
        "{:,.0f}",
        (">=", 1000),
    ),
    Claim(
        "serve",
        "the same: 99th percentile of the latency, ms",
        "lo mismo: percentil 99 de la latencia, ms",
        lambda result: result["load"]["ONNX, 64 connections"]["p99_ms"],
        "{:.0f}",
        ("<=", 50),
    ),
    Claim(
        "export",
        "one 28x28 image through ONNX, in a row, ms",
        "una imagen de 28x28 con ONNX, en serie, ms",
        lambda result: 1000 * result["28x28 seconds"]["onnx"][1],
        goal=("<=", 0.2),
    ),
    Claim(
        "parallel_search",
        "grid search, `n_jobs=2`: share of the time of `n_jobs=1`",
        "búsqueda en rejilla, `n_jobs=2`: parte del tiempo de `n_jobs=1`",
        lambda result: result["ratio"],
        goal=("<=", 1),
    ),
    Claim(
        "readers",
        "`load_csv`: share of the time of `pandas.read_csv`",
        "`load_csv`: parte del tiempo de `pandas.read_csv`",
        _cell("ratio", reader="load_csv", rival="pandas.read_csv"),
        goal=("<=", 1),
    ),
    Claim(
        "near_duplicates",
        "near-duplicate groups of 27,455 training images, seconds",
        "grupos de copias casi idénticas entre 27,455 imágenes, segundos",
        _cell("seconds", kind="sign mnist", n=27_455, shift=0),
        "{:.1f}",
    ),
    Claim(
        "near_duplicates",
        "the same of 100,000 images full of copies, seconds",
        "lo mismo de 100,000 imágenes llenas de copias, segundos",
        _cell("seconds", kind="copies", n=100_000, shift=0),
        "{:.1f}",
    ),
    Claim(
        "renderer",
        "hands of 28 pixels that one core renders a second",
        "manos de 28 píxeles que dibuja un núcleo por segundo",
        lambda result: result["rows"][0]["median_of_cpu"],
        "{:.0f}",
    ),
    Claim(
        "hog",
        "official test, `HOGTransformer()` and LogisticRegression",
        "prueba oficial, `HOGTransformer()` y LogisticRegression",
        lambda result: result["test_accuracy"],
        "{:.3f}",
        (">=", 0.915),
    ),
]
LANGUAGES = {
    "en": ("what", "figure", "worst", "goal", "command", "missed"),
    "es": ("qué", "cifra", "peor", "meta", "comando", "no alcanzada"),
}
MARKS = "<!-- results: python -m benchmarks -->", "<!-- end of results -->"


def table(runs, language="en", *, front=False):
    """Write what was claimed of these runs as a Markdown table.

    Parameters
    ----------
    runs : dict
        By the benchmark's name: "command" and, where it ran, "result".
    language : {"en", "es"}, default="en"
        Of the words.
    front : bool, default=False
        Whether to write only what the READMEs show.

    Returns
    -------
    text : str
        A row for each claim whose benchmark ran.
    """
    *header, missed = LANGUAGES[language]
    rows = [header, ["---"] * len(header)]
    for claim in CLAIMS:
        run = runs.get(claim.benchmark, {})
        if "result" not in run or (front and not claim.front):
            continue
        mean, worst = claim.figures(run["result"])
        if np.isnan(mean):
            continue
        rows.append(
            [
                claim.in_spanish if language == "es" else claim.what,
                claim.form.format(mean),
                "" if worst is None else claim.form.format(worst),
                _goal(claim, mean, worst, missed),
                f"`{run['command']}`",
            ]
        )
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _goal(claim, mean, worst, missed):
    if claim.goal is None:
        return ""
    sign = {">=": "≥", "<=": "≤"}[claim.goal[0]]
    words = f"{sign} {claim.goal[1]:g}"
    reached = claim.holds(mean, claim.goal[1])
    if claim.worst_goal is not None:
        words += f", {claim.worst_goal:g}"
        reached = reached and claim.holds(worst, claim.worst_goal)
    return words if reached else f"{words}: **{missed}**"


def broken_guards(runs):
    """List the promises that these runs break, generous slack taken off.

    Parameters
    ----------
    runs : dict
        As for `table`.

    Returns
    -------
    sentences : list of str
        One for each.
    """
    return [
        f"{claim.what}: {claim.form.format(figure)}, bound {claim.guard:g} "
        f"({runs[claim.benchmark]['command']})"
        for claim in CLAIMS
        if claim.guard is not None
        and "result" in runs.get(claim.benchmark, {})
        and not claim.holds(
            figure := claim.figures(runs[claim.benchmark]["result"])[0], claim.guard
        )
    ]


def with_table(page, runs, language):
    """Put the table of these runs between the marks of a page.

    Parameters
    ----------
    page : str
        Its text.
    runs : dict
        As for `table`.
    language : {"en", "es"}
        Of the table.

    Returns
    -------
    page : str
        The same with a new table.
    """
    before, _, rest = page.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    rows = table(runs, language, front=True)
    return f"{before}{MARKS[0]}\n\n{rows}\n{MARKS[1]}{after}"
