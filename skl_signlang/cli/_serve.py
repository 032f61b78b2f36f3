"""The server of a saved model."""

import os
import ssl
import warnings

from skl_signlang._language import translate
from skl_signlang.cli._find_model import find_model
from skl_signlang.cli._output import print_warning
from skl_signlang.cli._web_server import bind, check_server, is_loopback, run_server
from skl_signlang.serving import create_app

KEY_VARIABLE = "SKL_SIGNLANG_API_KEY"


def serve(
    model=None,
    *,
    host="127.0.0.1",
    port=8000,
    api_key=None,
    allowed_hosts=(),
    ssl_certfile=None,
    ssl_keyfile=None,
    **limits,
):
    """Serve a model until SIGTERM or Ctrl-C."""
    check_server()
    # about the images of clients, and without a bound
    warnings.filterwarnings("ignore", module=r"PIL\.")
    _check_certificate(ssl_certfile, ssl_keyfile)
    # before the model is loaded, for an early error if the port is in use
    with bind(host, port) as bound:
        model = find_model(model)
        if not (is_loopback(bound) or allowed_hosts):
            raise ValueError(
                translate(
                    "--host {host} is open to other machines, and DNS rebinding "
                    "could lead browsers there: add --allowed-host NAME for each "
                    "name that clients use, such as --allowed-host "
                    "letters.example.org.",
                    host=host,
                )
            )
        key = os.environ.get(KEY_VARIABLE) or None if api_key is None else api_key
        hosts = [*allowed_hosts, *filter(None, [host.partition("%")[0]])]
        app = create_app(model, api_key=key, allowed_hosts=hosts, **limits)
        if not is_loopback(bound) and key is None:
            print_warning(
                translate(
                    "everyone who can reach {host} can use this server; --api-key KEY "
                    "requires a key.",
                    host=host,
                )
            )
        run_server(
            app,
            bound,
            host,
            lambda url: translate("{url} with {model}", url=url, model=model),
            seconds=limits.get("timeout", 10),
            ssl_certfile=ssl_certfile,
            ssl_keyfile=ssl_keyfile,
        )
    return 0


def _check_certificate(certfile, keyfile):
    """Load the certificate before the model, for an early error."""
    if certfile is None and keyfile is None:
        return
    if certfile is None:
        raise ValueError(
            translate("--ssl-keyfile needs --ssl-certfile, the certificate.")
        )
    for path in filter(None, (certfile, keyfile)):
        if not os.path.isfile(path):
            raise FileNotFoundError(translate("There is no file {path}.", path=path))
    try:
        ssl.create_default_context().load_cert_chain(certfile, keyfile)
    except ssl.SSLError as error:
        raise ValueError(
            translate(
                "{certfile} and {keyfile} are not a certificate and its key in PEM "
                "format: {reason}.",
                certfile=certfile,
                keyfile=keyfile or "its key",
                reason=error.reason or error,
            )
        ) from error
