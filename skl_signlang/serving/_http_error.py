"""Why a request gets no letters, in one sentence."""


class HTTPError(Exception):
    """A request that is not answered as it would like to be."""

    def __init__(self, status, reason, headers=None):
        super().__init__(reason)
        self.status = status
        self.reason = " ".join(str(reason).split())
        self.headers = headers
