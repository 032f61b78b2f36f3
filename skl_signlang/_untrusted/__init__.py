"""Checks of untrusted content before any object is made of it.

Nothing here imports Keras or TensorFlow, opens a file that content names, or exceeds a
`Budget`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_arrays": ["StoredArrays", "read_array"],
        "_budget": ["Budget", "most_bytes_of"],
        "_configs": ["check_object"],
        "_hdf5": ["check_weights"],
        "_keras_archives": ["check_keras_file", "check_keras_size", "read_keras_file"],
        "_named": [
            "archiving",
            "check_named_by_caller",
            "explain_saved_model",
            "find_model",
            "find_place",
            "is_application",
            "is_archiving",
            "is_place",
            "move_places",
            "qualified_name",
        ],
        "_networks": ["MAX_CONFIG_BYTES", "check_architecture", "check_weights_of"],
        "_onnx": ["check_onnx"],
        "_parse_json": ["parse_json"],
        "_runtimes": ["runtime_of", "try_out"],
        "_zips": [
            "StoredMember",
            "most_bytes",
            "open_bounded",
            "open_zip",
            "read_member",
            "unpack",
        ],
    },
)
