"""Errors of an application, as JSON in TensorFlow Serving's format."""

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from skl_signlang._web._http_error import HTTPError
from skl_signlang._web._json_response import json_response

_FAILED = "internal error; see the log of the server"


def add_error_handlers(app):
    """Make an application return all errors as ``{"error": reason}``."""

    @app.exception_handler(HTTPError)
    async def handle_http_error(request, error):
        return json_response({"error": error.reason}, error.status, error.headers)

    @app.exception_handler(HTTPException)
    async def handle_http_exception(request, error):
        what = f"{request.method} {request.url.path[:200]}"
        headers = dict(error.headers or {})
        if "GET" in headers.get("Allow", ""):
            headers["Allow"] += ", HEAD"
        reasons = {
            404: f"{what} does not exist",
            405: f"{what} is not allowed; expected {headers.get('Allow')}",
        }
        reason = reasons.get(error.status_code, str(error.detail))
        return json_response({"error": reason}, error.status_code, headers)

    @app.exception_handler(RequestValidationError)
    async def handle_validation_error(request, error):
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return json_response({"error": f"{place}: {first['msg']}"}, 422)

    @app.exception_handler(Exception)
    async def handle_exception(request, error):
        return json_response({"error": _FAILED}, 500)
