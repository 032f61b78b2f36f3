"""What the commands of ``skl-signlang`` do; `skl_signlang.cli` only reads their words.

Functions
---------
evaluate
    Score a model on Sign Language MNIST.
predict
    Name the letters that photographs show.
train
    Train a reader of letters, and report on hands that it never saw.
"""

from skl_signlang._commands._evaluate import evaluate
from skl_signlang._commands._predict import predict
from skl_signlang._commands._train import train

__all__ = ["evaluate", "predict", "train"]
