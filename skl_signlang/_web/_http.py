"""HTTP rules that hold for all endpoints."""

_FEW_BYTES = 64 << 10
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]


class HTTPMiddleware:
    """ASGI middleware for the headers of all responses, HEAD, and unread bodies."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        is_whole = not _may_be_long(scope["headers"])

        async def receive_on():
            nonlocal is_whole
            message = await receive()
            is_whole = is_whole or not message.get("more_body", False)
            return message

        async def send_on(message):
            if message["type"] == "http.response.start":
                close = [] if is_whole else [(b"connection", b"close")]
                headers = [*message["headers"], *_HEADERS, *close]
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body" and is_head:
                message = {**message, "body": b""}
            await send(message)

        scope = {**scope, "method": "GET"} if is_head else scope
        await self._app(scope, receive_on, send_on)


def _may_be_long(headers):
    """Check whether a body is too long to read its rest."""
    for name, value in headers:
        if name == b"transfer-encoding":
            return True
        if name == b"content-length":
            return not value.isdigit() or int(value) > _FEW_BYTES
    return False
