"""Model reports.

Functions
---------
write_report
    Write a report on a fitted classifier to a self-contained HTML file.
"""

import lazy_loader

# render_report is used by the package cli; it is not public
__getattr__, _, _ = lazy_loader.attach(
    __name__, submod_attrs={"_write_report": ["render_report", "write_report"]}
)
__all__ = ["write_report"]


def __dir__():
    return list(__all__)
