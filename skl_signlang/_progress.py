"""A progress bar on standard error."""

import sys
from contextlib import contextmanager


@contextmanager
def progress_bar(what, total, shown=True):
    """Yield a function that advances a bar by a number of steps.

    The bar is drawn on a terminal; a file or pipe gets one line at the end.
    """
    if not shown:
        yield lambda n=1: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    on_screen = sys.stderr.isatty()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=not on_screen,
    ) as progress:
        task = progress.add_task(what, total=total)
        yield lambda n=1: progress.advance(task, n)
        done = progress.tasks[0].completed
    if not on_screen:
        print(f"{what}: {done:,} of {total:,}", file=sys.stderr, flush=True)
