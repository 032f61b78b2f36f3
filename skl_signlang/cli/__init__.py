"""The command ``skl-signlang``, a module for each sub-command.

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
    Score a model on images whose letters are known.
export
    Write a model for other runtimes.
main
    Run the command.
predict
    Name the letters that photographs show.
report
    Write what is known of a model into one HTML file.
serve
    Serve a model over HTTP, with a page for a camera.
train
    Train a letter classifier, and report on hands that it never saw.
tune
    Search for a letter classifier that reads better, and keep the best.
"""

import lazy_loader

# each is imported when it is asked for: those on data need no TensorFlow
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_data_audit": ["data_audit"],
        "_data_clean": ["data_clean"],
        "_data_convert": ["data_convert"],
        "_data_leakage": ["data_leakage"],
        "_evaluate": ["evaluate"],
        "_export_command": ["export"],
        "_main": ["main"],
        "_predict": ["predict"],
        "_report_command": ["report"],
        "_serve": ["serve"],
        "_train_command": ["train"],
        "_tune": ["tune"],
    },
)
