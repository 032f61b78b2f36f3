"""What the commands of ``skl-signlang`` do; `skl_signlang.cli` only reads their words.

Functions
---------
data_audit
    Tell what a data set holds, and what is wrong with it.
data_clean
    Write a data set without what is wrong with it.
data_convert
    Write a data set in another format.
data_leakage
    Tell how much a random split flatters.
evaluate
    Score a model on pictures whose letters are known.
predict
    Name the letters that photographs show.
train
    Train a reader of letters, and report on hands that it never saw.
"""

from skl_signlang._commands._data_audit import data_audit
from skl_signlang._commands._data_clean import data_clean
from skl_signlang._commands._data_convert import data_convert
from skl_signlang._commands._data_leakage import data_leakage
from skl_signlang._commands._evaluate import evaluate
from skl_signlang._commands._predict import predict
from skl_signlang._commands._train import train

__all__ = [
    "data_audit",
    "data_clean",
    "data_convert",
    "data_leakage",
    "evaluate",
    "predict",
    "train",
]
