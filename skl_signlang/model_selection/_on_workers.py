"""Data that Dask's workers are given once, for all tasks of a search."""

from joblib.parallel import get_active_backend


def on_workers(*data):
    """Send data to Dask, if it is what runs tasks; each worker fetches them once.

    What joblib scatters, anew for each rung, is gone when the only worker that has it
    dies, and the search fails. So here data are the results of tasks: those Dask
    computes again.
    """
    backend, _ = get_active_backend()
    if not hasattr(backend, "data_futures"):  # of joblib's backends only Dask's has
        return list(data)
    import dask

    # Dask asks for scattered data instead
    no_warning = {"distributed.admin.large-graph-warning-threshold": "1 PB"}
    with dask.config.set(no_warning):
        return [backend.client.submit(_as_it_is, one) for one in data]


def fetched(*data):
    """Give the data behind futures: where Dask has one worker, joblib uses none."""
    return [
        one.result() if callable(getattr(one, "add_done_callback", None)) else one
        for one in data
    ]


def _as_it_is(data):
    return data
