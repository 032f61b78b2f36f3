"""Pictures of data and of what models make of them.

Displays follow scikit-learn's: they are made by a ``from_...`` method, draw in `plot`
and keep what they drew on in ``ax_`` and ``figure_``. Matplotlib is imported when one
draws.

Classes
-------
ClassBalanceDisplay
    How often each letter occurs.
LeakageDisplay
    What a random split promises too much, and the copies that make it so.
"""

from ._class_balance_display import ClassBalanceDisplay
from ._leakage_display import LeakageDisplay

__all__ = ["ClassBalanceDisplay", "LeakageDisplay"]
