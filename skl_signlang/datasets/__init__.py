"""Pictures of hands: rendered, and read from the usual files.

Functions
---------
load_sign_mnist
    Sign Language MNIST, from the files that Kaggle ships.
make_fingerspelling
    Rendered hands that form the letters of the American manual alphabet.
"""

from ._fingerspelling import make_fingerspelling
from ._sign_mnist import load_sign_mnist

__all__ = ["load_sign_mnist", "make_fingerspelling"]
