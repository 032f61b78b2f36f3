"""The web page at ``/``."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from skl_signlang._web._page_files import read_page

_INDEX = "index.html"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera={camera}, microphone=(), geolocation=()",
}


def add_page(app, package, *, camera=False):
    """Serve a package's page, with headers that keep browsers from other sites."""
    page = read_page(package)
    allowed = {"camera": "(self)" if camera else "()"}
    headers = {name: value.format(**allowed) for name, value in _HEADERS.items()}

    def send(name):
        content, kind = page[name]
        return Response(content, media_type=kind, headers=headers)

    @app.get("/", include_in_schema=False)
    async def index():
        return send(_INDEX)

    @app.get("/page/{name}", include_in_schema=False)
    async def file(name: str):
        if name not in page:
            raise HTTPException(404)
        return send(name)
