"""The command ``skl-signlang``, with one module per subcommand.

Functions
---------
completion
    Print the completion script of a shell.
data_audit
    Print the contents and the problems of a data set.
data_clean
    Write a data set without invalid samples.
data_convert
    Write a data set in another format.
data_leakage
    Print scores under random and grouped splits.
evaluate
    Print the scores of a model on labeled images.
export
    Write a model for another runtime.
main
    Run the command.
playground
    Serve the neural network playground, to this machine only.
predict
    Predict the letters in photographs.
report
    Write a model report as one HTML file.
serve
    Serve a model over HTTP, with a web page for the camera.
spell
    Print the text that a hand spells in a video or before a camera.
train
    Train a letter classifier, and report its scores on unseen hands.
tune
    Search for a more accurate letter classifier, and save the best.
"""

import lazy_loader

# imported on access: the data commands need no TensorFlow
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_completion": ["completion"],
        "_data_audit": ["data_audit"],
        "_data_clean": ["data_clean"],
        "_data_convert": ["data_convert"],
        "_data_leakage": ["data_leakage"],
        "_evaluate": ["evaluate"],
        "_export_command": ["export"],
        "_main": ["main"],
        "_playground_command": ["playground"],
        "_predict": ["predict"],
        "_report_command": ["report"],
        "_serve": ["serve"],
        "_spell": ["spell"],
        "_train_command": ["train"],
        "_tune": ["tune"],
    },
)
