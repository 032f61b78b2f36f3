"""Untrusted weights in HDF5."""

import io
import math

_NUMBERS = "biuf"
_WHOLE_MODEL = ("model_config", "training_config", "model_weights")


def check_weights(content, budget):
    """Raise an error for HDF5 that is more than arrays of numbers from Keras."""
    import h5py

    with h5py.File(io.BytesIO(content), "r") as file:
        if any(name in file.attrs or name in file for name in _WHOLE_MODEL):
            raise ValueError(
                "it is a whole Keras model in HDF5. Those can run code and are never "
                "loaded; save the model as .keras, or its weights alone."
            )
        arrays = list(_arrays(file, budget))
        for name, array in arrays:
            if array.dtype.kind not in _NUMBERS:
                raise ValueError(f"{name} in it holds {array.dtype}; expected numbers.")
            if array.external or array.is_virtual:
                raise ValueError(f"{name} in it is in another file.")
        n_bytes = sum(math.prod(a.shape) * a.dtype.itemsize for _, a in arrays)
        if n_bytes > len(content):
            raise ValueError(
                f"its arrays would unpack to {n_bytes:,} bytes, but it has only "
                f"{len(content):,}; expected uncompressed weights written by Keras."
            )
        for name, array in arrays:
            if array.chunks is not None:
                raise ValueError(
                    f"{name} in it is in chunks; expected a contiguous array."
                )
        return [array.shape for _, array in arrays]


def _arrays(file, budget):
    """List all arrays with their paths, without following external links."""
    import h5py

    waiting, seen = [("", file)], set()
    while waiting:
        path, group = waiting.pop()
        address = h5py.h5o.get_info(group.id).addr
        if address in seen:
            raise ValueError(f"{path} in it is another group under a second name.")
        seen.add(address)
        for key in group:
            budget.spend("HDF5 entries")
            name = f"{path}/{key}"
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise ValueError(f"{name} in it is a link.")
            if isinstance(thing := group[key], h5py.Group):
                waiting.append((name, thing))
            elif isinstance(thing, h5py.Dataset):
                yield name, thing
            else:
                raise ValueError(f"{name} in it is not an array.")
