"""Data that Dask's workers load once for all tasks of a search."""

from joblib.parallel import get_active_backend


def scatter(*data):
    """Return data as Dask futures under the Dask backend, otherwise unchanged."""
    if not is_dask():
        return list(data)
    import dask

    # results of tasks, not scattered data: Dask recomputes them when a worker dies
    no_warning = {"distributed.admin.large-graph-warning-threshold": "1 PB"}
    with dask.config.set(no_warning):
        client = get_active_backend()[0].client
        return [client.submit(_identity, one) for one in data]


def is_dask():
    """Check whether Dask is the active backend of joblib."""
    # of joblib's backends only Dask's has them
    return hasattr(get_active_backend()[0], "data_futures")


def gather(*data):
    """Return the data behind futures, which remain where Dask has one worker."""
    return [
        one.result() if callable(getattr(one, "add_done_callback", None)) else one
        for one in data
    ]


def _identity(data):
    return data
