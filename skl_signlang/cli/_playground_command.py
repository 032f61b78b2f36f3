"""The server of the playground."""

from skl_signlang.cli._web_server import bind, check_server, is_loopback, run_server


def playground(*, host="127.0.0.1", port=8001):
    """Serve the playground until SIGTERM or Ctrl-C."""
    check_server()
    with bind(host, port) as bound:
        if not is_loopback(bound):
            raise ValueError(
                f"--host {host} is open to other machines, and everyone there could "
                "train here: give an address of this machine only, such as 127.0.0.1, "
                "::1 or localhost."
            )
        from skl_signlang._playground import TIMEOUT, create_playground

        run_server(
            create_playground(), bound, host, "for this machine", seconds=TIMEOUT
        )
    return 0
