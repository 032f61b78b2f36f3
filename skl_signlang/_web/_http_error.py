"""Errors of HTTP requests."""


class HTTPError(Exception):
    """Error with an HTTP status."""

    def __init__(self, status, reason, headers=None):
        super().__init__(reason)
        self.status = status
        self.reason = " ".join(str(reason).split())
        self.headers = headers
