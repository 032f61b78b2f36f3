"""Archives on the Hugging Face Hub."""

import re

from skl_signlang._files import check_path
from skl_signlang.persistence._archive import read_manifest
from skl_signlang.persistence._card import write_card
from skl_signlang.persistence._load import load

ARCHIVE = "model.signlang"
_MAX_BYTES = 1 << 30
_COMMIT = re.compile(r"[0-9a-f]{40}")
_USE = """
## Use

```python
from skl_signlang.persistence import load_from_hub

model = load_from_hub({repository!r}, revision="...")  # a commit of this repository
```
"""


def push_to_hub(path, repo_id, *, license=None, private=None, token=None):
    """Upload an archive and its model card to the Hugging Face Hub.

    The repository is created if it does not exist. It gets the archive as
    ``model.signlang`` and the card as ``README.md``, in one commit. Needs
    ``pip install "skl_signlang[hub]"``.

    .. versionadded:: 0.1

    Parameters
    ----------
    path : str or path-like
        A ``.signlang`` archive of `save`.
    repo_id : str
        Name of the repository, as in ``"user/letters"``.
    license : str, default=None
        Identifier of the license of the model on the Hub, such as
        ``"bsd-3-clause"``. None states none.
    private : bool, default=None
        Whether a new repository is private. None: as the Hub's account says.
    token : str, default=None
        Access token. None takes that of ``hf auth login`` or of the environment
        variable ``HF_TOKEN``.

    Returns
    -------
    revision : str
        The hash of the commit, for `load_from_hub`.

    Raises
    ------
    ImportError
        If huggingface_hub is not installed.
    FileNotFoundError, ValueError
        If the file does not exist or is not an archive.
    huggingface_hub.errors.HfHubHTTPError
        If the Hub answers with an error.

    See Also
    --------
    skl_signlang.persistence.load_from_hub : Load it again.

    Examples
    --------
    >>> from skl_signlang.persistence import push_to_hub, save
    >>> save(model, "letters.signlang")  # doctest: +SKIP
    >>> push_to_hub("letters.signlang", "user/letters")  # doctest: +SKIP
    '3f0c8d3e9a...'
    """
    hub = _import_hub()
    path = check_path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        readme = _write_readme(hub, read_manifest(path), repo_id, license)
    # an archive of others may hold anything
    except Exception as error:
        raise ValueError(f"{path} is not a .signlang archive: {error}") from error
    api = hub.HfApi(token=token)
    api.create_repo(repo_id, private=private, exist_ok=True)
    files = {ARCHIVE: path, "README.md": readme.encode()}
    commit = api.create_commit(
        repo_id,
        [hub.CommitOperationAdd(name, content) for name, content in files.items()],
        commit_message=f"Upload {path.name} with skl_signlang",
    )
    return commit.oid


def load_from_hub(repo_id, *, revision, filename=ARCHIVE, token=None):
    """Load a fitted estimator from the Hugging Face Hub.

    The archive is untrusted: it is loaded as `load` does without options, which runs no
    code of it. Its size is requested first, and at most 1 GiB is downloaded, once: it
    remains in the cache of huggingface_hub. Needs
    ``pip install "skl_signlang[hub]"``.

    .. versionadded:: 0.1

    Parameters
    ----------
    repo_id : str
        Name of the repository, as in ``"user/letters"``.
    revision : str
        Hash of a commit, as `push_to_hub` returns it, which always has the same
        content; or a tag or branch, which may change.
    filename : str, default="model.signlang"
        Path of the archive in the repository.
    token : str, default=None
        Access token, for private repositories. None takes that of ``hf auth login`` or
        of the environment variable ``HF_TOKEN``.

    Returns
    -------
    estimator : estimator instance
        The estimator.

    Raises
    ------
    ImportError
        If huggingface_hub is not installed.
    TypeError
        If `revision` is not a string.
    ValueError
        If the file is too large, or cannot be loaded.
    huggingface_hub.errors.HfHubHTTPError
        If the Hub answers with an error: the repository, the revision or the file does
        not exist, or is private.

    See Also
    --------
    skl_signlang.persistence.push_to_hub : Upload an archive.
    skl_signlang.persistence.load : Load a file.

    Examples
    --------
    >>> from skl_signlang.persistence import load_from_hub
    >>> model = load_from_hub(
    ...     "user/letters", revision="3f0c8d3e9a..."
    ... )  # doctest: +SKIP
    """
    hub = _import_hub()
    if not isinstance(revision, str):
        raise TypeError(
            f"revision must be a string; got {revision!r}. The hash of a commit always "
            'names the same content, and "main" the newest.'
        )
    if _COMMIT.fullmatch(revision):
        cached = hub.try_to_load_from_cache(repo_id, filename, revision=revision)
        if isinstance(cached, str):
            return load(cached)
    url = hub.hf_hub_url(repo_id, filename, revision=revision)
    found = hub.get_hf_file_metadata(url, token=token)
    if found.size is None or found.size > _MAX_BYTES:
        size = "unknown size" if found.size is None else f"{found.size:,} bytes"
        raise ValueError(
            f"{filename} of {repo_id} has {size}; at most {_MAX_BYTES:,} bytes are "
            "downloaded."
        )
    # that commit, whatever the branch is by now
    return load(
        hub.hf_hub_download(repo_id, filename, revision=found.commit_hash, token=token)
    )


def _import_hub():
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError(
            "the Hugging Face Hub needs huggingface_hub, which is not installed; run "
            'pip install "skl_signlang[hub]".'
        ) from error
    return huggingface_hub


def _write_readme(hub, manifest, repo_id, license):
    """Return the model card with the Hub's metadata before it."""
    kind = "classification" if manifest["classes"] else "regression"
    what = "image" if manifest["image_shape"] else "tabular"
    is_task = (what, kind) != ("image", "regression")
    metadata = hub.ModelCardData(
        library_name="skl_signlang",
        license=license,
        pipeline_tag=f"{what}-{kind}" if is_task else None,
        tags=["scikit-learn", "keras"],
    )
    card = write_card(manifest)
    return f"---\n{metadata.to_yaml()}\n---\n\n{card}{_USE.format(repository=repo_id)}"
