"""The web application of a saved model."""

from skl_signlang.serving._api_key import ApiKey
from skl_signlang.serving._limits import Limits


def create_app(
    model,
    *,
    rejection_threshold=None,
    api_key=None,
    max_bytes=16 << 20,
    max_pixels=50_000_000,
    max_batch=64,
    max_in_flight=128,
    timeout=10.0,
    saved_model=None,
    allowed_hosts=(),
    cors_origins=(),
):
    """Build the web application that ``skl-signlang serve`` runs.

    It answers ``POST /v1/models/{name}:predict`` and ``GET /v1/models/{name}`` as
    TensorFlow Serving does, ``POST /predict`` for image files and data URLs,
    ``/healthz``, ``/metrics`` and ``/openapi.json``, and shows a page at ``/``. What is
    wrong with a request is told by a status from 400 to 431 and
    ``{"error": one sentence}``.

    A JSON body of numbers is read up to what `max_batch` images of the model's shape
    need, 32 bytes a number and 64 KiB; larger images come as files, in base64 or as a
    form.

    Parameters
    ----------
    model : str, path-like or estimator instance
        As for `LetterPredictor`: a ``.signlang`` archive or an exported file, whose
        stem is the model's name, or a fitted classifier, which is called "model". When
        the file is replaced, the new one is loaded while the old one answers; one that
        cannot be loaded is not used.
    rejection_threshold : float, default=None
        ``/predict`` says "none" of images whose likeliest letter has a lower
        probability, 0 to 1; None always names a letter.
    api_key : str, default=None
        What clients must send as ``X-API-Key`` or as ``Authorization: Bearer``; None
        lets everybody in. The page itself and ``/healthz`` need none.
    max_bytes : int, default=16777216
        Most bytes of a request's body.
    max_pixels : int, default=50_000_000
        Most pixels, height times width, of all images of a request.
    max_batch : int, default=64
        Most images of a request.
    max_in_flight : int, default=128
        Most requests at one time; others get status 429 at once.
    timeout : float, default=10.0
        Seconds that a request may take, its body included.
    saved_model : str or path-like, default=None
        The folder of the SavedModel that an archive needs, as for
        `skl_signlang.persistence.load`; it is the only one that is opened, also when
        the archive is replaced.
    allowed_hosts : sequence of str, default=()
        Names, without ports, by which clients may ask for the server in the header
        Host, besides localhost, 127.0.0.1, [::1] and the address at which a connection
        arrived; ``"*.example.org"`` allows all names below one, ``"*"`` every name.
    cors_origins : sequence of str, default=()
        Origins of pages elsewhere, such as ``"https://example.org"``, that may send
        requests and read the answers; ``"*"`` allows all. What browsers send from pages
        of other sites gets status 403.

    Returns
    -------
    app : fastapi.FastAPI
        ASGI, for uvicorn or `fastapi.testclient.TestClient`.

    Raises
    ------
    ImportError
        If the extra ``serve`` is not installed.
    FileNotFoundError
        If there is no such file.
    TypeError, ValueError
        If it is no archive or no fitted classifier of images, or another parameter is
        not what it must be.

    Examples
    --------
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.datasets import make_fingerspelling
    >>> from skl_signlang.serving import create_app
    >>> hands = make_fingerspelling(48, random_state=0)
    >>> model = DenseClassifier(epochs=1).fit(hands.images, hands.target)
    >>> app = create_app(model, max_batch=8)
    >>> app.title
    'skl_signlang'
    """
    limits = Limits(max_bytes, max_pixels, max_batch, max_in_flight, timeout)
    key = ApiKey(api_key)
    make_routes = _import_make_routes()
    from skl_signlang.serving._access import check_hosts, check_origins
    from skl_signlang.serving._served_model import ServedModel

    hosts, origins = check_hosts(allowed_hosts), check_origins(cors_origins)
    served = ServedModel(model, rejection_threshold, saved_model)
    return make_routes(served, key, limits, hosts, origins)


def _import_make_routes():
    """Import late: the web libraries are optional."""
    try:
        import fastapi  # noqa: F401
        import msgspec  # noqa: F401
        import prometheus_client  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"serving needs {error.name}, which is not installed; run pip install "
            '"skl_signlang[serve]".'
        ) from error
    from skl_signlang.serving._routes import make_routes

    return make_routes
