"""Import this first wherever TensorFlow is needed, so that it starts quietly."""

from skl_signlang._quiet import start_tensorflow_quietly

start_tensorflow_quietly()
