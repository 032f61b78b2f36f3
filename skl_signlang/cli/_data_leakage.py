"""Optimism of scores under a random split."""

from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skl_signlang._files import write_whole
from skl_signlang._language import translate
from skl_signlang.cli._new_file import check_new
from skl_signlang.cli._output import print_result
from skl_signlang.cli._read_samples import read_official_test, read_to_train
from skl_signlang.inspection import LeakageDisplay, to_png
from skl_signlang.model_selection import leakage_report

# A nearest neighbor finds copies best; it needs no more than fifty components
N_COMPONENTS = 50


def data_leakage(data, *, image_size=None, codes=None, out=None, overwrite=False):
    """Print a nearest neighbor's scores: random, grouped and official split."""
    path = None if out is None else check_new(out, overwrite)
    samples = read_to_train(data, image_size=image_size, codes=codes)
    test = read_official_test(data, codes=codes)
    report = leakage_report(
        _nearest_neighbor(samples),
        samples.images,
        samples.target,
        groups=samples.groups,
        X_test=None if test is None else test.images,
        y_test=None if test is None else test.target,
        random_state=0,
    )
    text = _describe(report, samples.groups is not None)
    if path is not None:
        axes = Figure(figsize=(9, 6.5), layout="constrained").subplots()
        display = LeakageDisplay.from_report(report, samples.images, ax=axes)
        with write_whole(path) as file:
            file.write(to_png(display.figure_))
        text += "\n" + translate("scores and pairs: {path}", path=path)
    names = ("n_groups", "straddling_share", "ungrouped_score", "grouped_score")
    print_result(
        text,
        **{name: report[name] for name in (*names, "test_score", "gap")},
        image=None if path is None else str(path),
    )
    return 0


def _nearest_neighbor(samples):
    n_components = min(N_COMPONENTS, samples.data.shape[1], len(samples.target) // 2)
    return make_pipeline(
        FunctionTransformer(_as_rows),
        PCA(max(1, n_components), random_state=0),
        KNeighborsClassifier(1),
    )


def _as_rows(images):
    return images.reshape(len(images), -1)


def _describe(report, has_groups):
    groups = "groups of the data set" if has_groups else "groups of near-duplicates"
    about = translate(
        "{n} {groups}; in a random split {share:.0%} of the images have one of their "
        "group on the other side",
        n=report.n_groups,
        groups=translate(groups),
        share=report.straddling_share,
    )
    scores = {
        "random split": report.ungrouped_score,
        "grouped score": report.grouped_score,
        "official test": report.test_score,
        "gap": report.gap,
    }
    lines = [
        f"{translate(name):<15}{score:.4f}"
        for name, score in scores.items()
        if score is not None
    ]
    return "\n".join([about, *lines]) + "  " + translate("(random - grouped)")
