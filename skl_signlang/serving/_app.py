"""The web application of a saved model."""

from skl_signlang._numbers import python_arguments
from skl_signlang._web import require_web_libraries
from skl_signlang.serving._api_key import ApiKey
from skl_signlang.serving._limits import Limits


@python_arguments
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
    max_streams=32,
    max_streams_per_client=8,
    words=None,
    saved_model=None,
    allowed_hosts=(),
    cors_origins=(),
):
    """Build the web application of a model, as ``skl-signlang serve`` runs it.

    Endpoints are ``POST /v1/models/{name}:predict`` and ``GET /v1/models/{name}`` as in
    TensorFlow Serving, ``POST /predict`` for image files and data URLs, ``/healthz``,
    ``/metrics`` and ``/openapi.json``, a WebSocket for the frames of a camera at
    ``/v1/spell``, and a web page at ``/``. Errors have a status
    from 400 to 503 and the body ``{"error": reason}``.

    JSON bodies with numbers are limited to 32 bytes per value of `max_batch` images of
    the model's shape, plus 64 KiB; send larger images as files or in base64.

    .. versionadded:: 0.1

    Parameters
    ----------
    model : str, path-like or estimator instance
        As for `LetterPredictor`: a ``.signlang`` archive or an exported file, whose
        stem is the name of the model, or a fitted classifier, whose name is "model".
        A file is reloaded when it changes; the current model remains in use meanwhile,
        and if the new file cannot be loaded.

    rejection_threshold : float, default=None
        Probability, from 0 to 1, below which ``/predict`` returns the letter "none".
        None rejects nothing.

    api_key : str, default=None
        Key that clients must send as ``X-API-Key`` or as ``Authorization: Bearer``.
        None requires no key, as do always the web page and ``/healthz``.

    max_bytes : int, default=16777216
        Maximum size of a request body, in bytes.

    max_pixels : int, default=50_000_000
        Maximum sum of height times width over the images of a request.

    max_batch : int, default=64
        Maximum number of images in a request.

    max_in_flight : int, default=128
        Maximum number of concurrent requests. Others get status 429 at once.

    timeout : float, default=10.0
        Maximum duration of a request in seconds, receipt of the body included.

    max_streams : int, default=32
        Maximum number of WebSockets that are open.

    max_streams_per_client : int, default=8
        Maximum number of WebSockets of one IP address.

    words : list of str, path-like or str, default=None
        Lexicon of the text of frames, as for `LetterStream`. None corrects nothing.

    saved_model : str or path-like, default=None
        Folder of the SavedModel that an archive needs, as for
        `skl_signlang.persistence.load`. No other folder is opened, also after a reload.

    allowed_hosts : sequence of str, default=()
        Allowed names in the header Host, without ports, in addition to localhost,
        127.0.0.1, [::1] and the IP address of the connection. ``"*.example.org"``
        allows all subdomains, ``"*"`` all names.

    cors_origins : sequence of str, default=()
        Origins of other web pages, such as ``"https://example.org"``, that may send
        requests and read the responses; ``"*"`` allows all. Browser requests from other
        sites get status 403.

    Returns
    -------
    app : fastapi.FastAPI
        ASGI application, for uvicorn or `fastapi.testclient.TestClient`.

    Raises
    ------
    ImportError
        If the extra ``serve`` is not installed.
    FileNotFoundError
        If the file does not exist.
    TypeError, ValueError
        If `model` is not an archive or a fitted image classifier, or another parameter
        is invalid.

    See Also
    --------
    skl_signlang.inference.LetterPredictor : Predict without a server.
    skl_signlang.persistence.save : Write an archive to serve.

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
    limits = Limits(
        max_bytes,
        max_pixels,
        max_batch,
        max_in_flight,
        timeout,
        max_streams,
        max_streams_per_client,
    )
    key = ApiKey(api_key)
    require_web_libraries("fastapi", "msgspec", "prometheus_client")
    # they import the optional libraries
    from skl_signlang._web import check_hosts, check_origins
    from skl_signlang.serving._routes import make_routes
    from skl_signlang.serving._served_model import ServedModel

    hosts, origins = check_hosts(allowed_hosts), check_origins(cors_origins)
    served = ServedModel(model, rejection_threshold, saved_model, words)
    return make_routes(served, key, limits, hosts, origins)
