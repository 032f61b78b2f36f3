"""Authentication by API key."""

import hashlib
import hmac

from skl_signlang._web import HTTPError


class ApiKey:
    """Check of API keys in constant time."""

    def __init__(self, key):
        if key is not None and not isinstance(key, str):
            raise TypeError(
                f"api_key must be a string or None; got {type(key).__name__}."
            )
        if key is not None and not (key and key.isascii() and key.isprintable()):
            raise ValueError("api_key must be printable ASCII, and not empty.")
        if key is not None and key != key.strip():
            raise ValueError("api_key must not begin or end with a space.")
        self._digest = None if key is None else _digest(key)

    def check(self, request):
        """Raise HTTPError unless a request has the right key."""
        if self._digest is None:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        shown = request.headers.get("x-api-key")
        if shown is None:
            shown = token.strip() if scheme.lower() == "bearer" else ""
        # digests have equal lengths, so that the comparison does not reveal the key's
        if not hmac.compare_digest(_digest(shown), self._digest):
            raise HTTPError(
                401,
                "missing or wrong API key; send X-API-Key: KEY or Authorization: "
                "Bearer KEY",
                {"WWW-Authenticate": "Bearer"},
            )


def _digest(key):
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
