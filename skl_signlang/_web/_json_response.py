"""Responses in JSON."""

import json

from starlette.responses import Response


def json_response(value, status=200, headers=None):
    """Return a JSON response."""
    content = to_json(value).encode("utf-8", "backslashreplace")
    return Response(content, status, headers, "application/json")


def to_json(value):
    """Return a value as JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
