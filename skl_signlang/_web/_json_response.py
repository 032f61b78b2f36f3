"""Responses in JSON."""

import json

from starlette.responses import Response


def json_response(value, status=200, headers=None):
    """Return a JSON response."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    content = content.encode("utf-8", "backslashreplace")
    return Response(content, status, headers, "application/json")
