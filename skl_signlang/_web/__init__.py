"""Parts of a web server that `serving` and `_playground` share."""

import lazy_loader

# imported on access: the web libraries are optional
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_access": ["AccessMiddleware", "check_hosts", "check_origins"],
        "_connections": [
            "FAILED",
            "IDLE",
            "INVALID",
            "TOO_MANY",
            "ConnectionLimiter",
            "admit_socket",
            "close_socket",
            "send_json",
            "to_client",
        ],
        "_error_handlers": ["add_error_handlers"],
        "_http": ["HTTPMiddleware"],
        "_http_error": ["HTTPError"],
        "_json_response": ["json_response"],
        "_page": ["add_page"],
        "_page_files": ["read_page"],
        "_protocol": ["BoundedProtocol", "BoundedWebSocket"],
        "_rate": ["Rate"],
        "_web_libraries": ["require_web_libraries"],
    },
)
