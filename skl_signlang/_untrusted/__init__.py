"""Checks of untrusted content before any object is made of it.

Nothing here imports Keras or TensorFlow, opens a file that content names, or exceeds a
`Budget`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_arrays": ["StoredArrays", "read_array"],
        "_budget": ["Budget", "max_bytes_of_numbers", "max_values"],
        "_configs": ["check_object"],
        "_hdf5": ["check_weights"],
        "_keras_archives": ["check_keras_file", "check_keras_size", "read_keras_file"],
        "_named": [
            "allow_class",
            "allowed_classes",
            "archiving",
            "check_named_by_caller",
            "explain_saved_model",
            "find_model",
            "find_local_path",
            "is_application",
            "is_archiving",
            "is_local_path",
            "restore_local_paths",
            "qualified_name",
        ],
        "_networks": ["MAX_CONFIG_BYTES", "check_architecture", "check_weights_of"],
        "_onnx": ["check_onnx"],
        "_parse_json": ["count_values", "parse_json"],
        "_runtimes": ["runtime_of", "try_out"],
        "_zips": [
            "StoredMember",
            "max_bytes_unzipped",
            "open_bounded",
            "open_zip",
            "read_member",
            "unpack",
        ],
    },
)
