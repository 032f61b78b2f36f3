"""The server of the playground."""

from skl_signlang._language import translate
from skl_signlang.cli._web_server import bind, check_server, is_loopback, run_server


def playground(*, host="127.0.0.1", port=8001):
    """Serve the playground until SIGTERM or Ctrl-C."""
    check_server()
    with bind(host, port) as bound:
        if not is_loopback(bound):
            raise ValueError(
                translate(
                    "--host {host} is open to other machines, and everyone there could "
                    "train here: give an address of this machine only, such as "
                    "127.0.0.1, ::1 or localhost.",
                    host=host,
                )
            )
        from skl_signlang._playground import TIMEOUT, create_playground

        run_server(create_playground(), bound, host, _describe, seconds=TIMEOUT)
    return 0


def _describe(url):
    return translate("{url} for browsers of this machine", url=url)
