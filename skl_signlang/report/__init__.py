"""Model reports.

Functions
---------
write_report
    Write what is known of a model into one HTML file.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"_write_report": ["write_report"]}
)
