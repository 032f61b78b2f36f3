"""The web application of the playground."""

from fastapi import FastAPI

import skl_signlang
from skl_signlang._playground._messages import MAX_MESSAGE_BYTES
from skl_signlang._playground._training_socket import TrainingSocket
from skl_signlang._web import (
    AccessMiddleware,
    ConnectionLimiter,
    HTTPMiddleware,
    add_error_handlers,
    add_page,
    check_hosts,
)

_MAX_TRAININGS = 4


def create_playground():
    """Build the application: a page, and a WebSocket with a training a connection."""
    app = FastAPI(
        title="skl_signlang playground",
        version=skl_signlang.__version__,
        openapi_url=None,
        # a redirect would contain the Host of the request
        redirect_slashes=False,
    )
    # the last middleware is the outermost
    app.add_middleware(
        AccessMiddleware, allowed_hosts=check_hosts(()), cors_origins=set()
    )
    app.add_middleware(HTTPMiddleware)
    add_error_handlers(app)
    app.state.max_message_bytes = MAX_MESSAGE_BYTES
    limiter = ConnectionLimiter(_MAX_TRAININGS, _MAX_TRAININGS, "playgrounds")
    app.add_api_websocket_route("/v1/train", TrainingSocket(limiter).__call__)
    add_page(app, __package__)
    return app
