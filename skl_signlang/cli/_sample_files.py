"""Writing of labeled images to files that `load_samples` reads."""

import base64
import gzip
import io
import json
import secrets
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from skl_signlang._files import check_output_path, check_path, errors_named, write_whole
from skl_signlang._language import translate

_ROWS_AT_ONCE = 1000
KINDS = {
    ".csv": "a label and pixels in each row",
    ".csv.gz": "a label and pixels in each row, gzipped",
    ".npz": "arrays images, target and, if known, groups",
    ".json": "rows of image (PNG as base64) and label",
    "": "a folder with a folder of PNG files for each label",
}
"""Formats by file extension."""


def check_target(path):
    """Return the format of the output file, before any work is done."""
    path = check_path(path)
    name = path.name.lower()
    kind = ".csv.gz" if name.endswith(".csv.gz") else path.suffix.lower()
    if kind not in KINDS:
        kinds = "; ".join(
            f"{kind or 'no extension'}: {what}" for kind, what in KINDS.items()
        )
        raise ValueError(
            translate(
                "{path} has the extension {kind!r}; expected {kinds}.",
                path=path,
                kind=kind,
                kinds=kinds,
            )
        )
    if path.exists():
        raise ValueError(
            translate("{path} exists already and is not overwritten.", path=path)
        )
    return check_output_path(path), kind


def write_parts(parts, path, kind):
    """Write the parts of a data set, and return what is in which file."""
    name = path.name
    stem = name[: len(name) - len(kind)]
    second = path.with_name(f"{stem}_test{name[len(stem) :]}")
    paths = [path, *(check_target(second)[0] for _ in parts[1:])]
    for (_, samples), place in zip(parts, paths, strict=True):
        write_samples(samples, place, kind)
    return [
        {"path": str(place), "part": part or None, "n_images": len(samples.target)}
        for (part, samples), place in zip(parts, paths, strict=True)
    ]


def describe_files(files):
    """Describe the written parts of a data set as text."""
    return "\n".join(_describe_file(file) for file in files)


def _describe_file(file):
    if file["part"] == "official test":
        text = translate("{n_images} images of the official test are in {path}")
    else:
        text = translate("{n_images} images are in {path}")
    return text.format(**file)


def write_samples(samples, path, kind):
    """Write images and labels atomically."""
    if samples.images.dtype != np.uint8:
        raise ValueError(
            translate(
                "The images are {dtype}; files of images hold integers from 0 to 255.",
                dtype=samples.images.dtype,
            )
        )
    if kind == "":
        _write_folder(samples, path)
        return
    with write_whole(path) as file:
        if kind == ".csv":
            _write_csv(samples, file)
        elif kind == ".csv.gz":
            # without name and time, so that equal samples give equal bytes
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                _write_csv(samples, packed)
        elif kind == ".npz":
            groups = {} if samples.groups is None else {"groups": samples.groups}
            arrays = {"images": samples.images, "target": samples.target, **groups}
            np.savez_compressed(file, **arrays)
        else:
            _write_json(samples, file)


def _write_csv(samples, file):
    rows = samples.images.reshape(len(samples.images), -1)
    # Letters rather than codes, and no column "label", by which load_samples
    # detects Kaggle's files
    labels = samples.target
    columns = ["target", *(f"pixel{i}" for i in range(1, rows.shape[1] + 1))]
    file.write((",".join(columns) + "\n").encode())
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        pairs = zip(labels[part].tolist(), rows[part].tolist(), strict=True)
        lines = [f"{_cell(label)},{','.join(map(str, row))}\n" for label, row in pairs]
        file.write("".join(lines).encode())


def _cell(label):
    text = str(label)
    if any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _write_json(samples, file):
    file.write(b"[\n")
    pairs = zip(samples.images, samples.target.tolist(), strict=True)
    for number, (image, label) in enumerate(pairs):
        row = {"image": base64.b64encode(_png(image)).decode(), "label": label}
        file.write(b",\n" * (number > 0) + json.dumps(row).encode())
    file.write(b"\n]\n")


def _png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def _write_folder(samples, path):
    """Write to a hidden folder, and rename it once it is complete."""
    names = np.array([str(label) for label in samples.target.tolist()])
    bad = [
        name
        for name in np.unique(names)
        if name[:1] in ("", ".") or Path(name).name != name
    ]
    if bad:
        raise ValueError(
            translate(
                "The label {label!r} cannot be the name of a folder.", label=bad[0]
            )
        )
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    digits = len(str(len(names)))
    pairs = zip(names, samples.images, strict=True)
    try:
        with errors_named(path, unfinished):
            for name in np.unique(names):
                (unfinished / name).mkdir(parents=True)
            for number, (name, image) in enumerate(pairs, start=1):
                file = unfinished / name / f"{number:0{digits}}.png"
                file.write_bytes(_png(image))
            unfinished.rename(path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
