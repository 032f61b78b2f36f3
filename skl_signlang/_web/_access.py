"""Checks of the headers Host and Origin, and CORS."""

import ipaddress
import re

from skl_signlang._errors import quote
from skl_signlang._web._json_response import json_response

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names that no other site can have."""

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{0,5}))?")
_SAFE = ("GET", "HEAD", "OPTIONS")
_PORTS = {"http": "80", "https": "443"}
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (b"access-control-allow-headers", b"authorization, content-type, x-api-key"),
    (b"access-control-max-age", b"600"),
]


class AccessMiddleware:
    """ASGI middleware that checks the headers Host and Origin.

    Other sites, by DNS rebinding or a form, can make a browser send requests from
    inside the local network; Host and Origin reveal them.
    """

    def __init__(self, app, allowed_hosts, cors_origins):
        self._app = app
        self._hosts = allowed_hosts
        self._origins = cors_origins

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        hosts, origins, sites = _access_headers(scope)
        if not self._is_allowed_host(hosts, scope.get("server")):
            got = quote(", ".join(hosts)) if hosts else "none"
            reason = f"the Host is not one of this server's (--allowed-host); got {got}"
            await json_response({"error": reason}, 400)(scope, receive, send)
            return
        is_allowed = len(origins) == 1 and bool({"*", origins[0]} & self._origins)
        is_ours = _is_same_origin(origins, hosts) and set(sites) <= {
            "same-origin",
            "none",
        }
        # a page of another site may open a WebSocket, and read it
        method = scope.get("method", "POST")
        if method not in _SAFE and not (is_ours or is_allowed):
            got = quote(", ".join(origins)) if origins else "another site"
            reason = f"pages of this origin are not allowed (--cors-origin); got {got}"
            await json_response({"error": reason}, 403)(scope, receive, send)
            return
        headers = self._cors_headers(origins, is_allowed)
        if method == "OPTIONS" and is_allowed:
            start = {"status": 204, "headers": [*headers, *_PREFLIGHT]}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_on(message):
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        await self._app(scope, receive, send_on if headers else send)

    def _is_allowed_host(self, hosts, server):
        """Check whether the Host of a request is allowed."""
        if len(hosts) > 1:
            return False
        if "*" in self._hosts:
            return True
        name = _parse_host(hosts[0])[0] if hosts else None
        if name is None:
            return False
        if name in self._hosts:
            return True
        # DNS rebinding needs a name; an IP address is safe
        if server and name == _parse_host(_bracketed(str(server[0])))[0]:
            return True
        parts = name.split(".")
        above = {"*." + ".".join(parts[i:]) for i in range(1, len(parts))}
        return bool(above & self._hosts)

    def _cors_headers(self, origins, is_allowed):
        """Return the CORS headers of a response."""
        if "*" in self._origins:
            return [(b"access-control-allow-origin", b"*")]
        if not self._origins:
            return []
        vary = [(b"vary", b"Origin")]
        if not is_allowed:
            return vary
        return [*vary, (b"access-control-allow-origin", origins[0].encode())]


def _access_headers(scope):
    """Return the values of Host, Origin and Sec-Fetch-Site."""
    found = {b"host": [], b"origin": [], b"sec-fetch-site": []}
    for name, value in scope["headers"]:
        if name in found:
            found[name].append(value.decode("latin-1").strip().lower())
    return found.values()


def _parse_host(host):
    """Parse a Host into normalized name and port; (None, None) if invalid."""
    match = _HOST.fullmatch(host.lower())
    if not match or int(match[2] or 0) > 65535:
        return None, None
    name, port = match[1].removesuffix("."), match[2] or None
    if name.startswith("["):
        try:
            number = ipaddress.IPv6Address(name[1:-1])
        except ValueError:
            return None, None
        name = str(number.ipv4_mapped or f"[{number}]")
    return name, port


def _bracketed(name):
    return f"[{name}]" if name.count(":") > 1 and not name.startswith("[") else name


def _parse_origin(origin):
    """Parse an origin into scheme, name and port; None if invalid."""
    scheme, sign, host = origin.lower().partition("://")
    name, port = _parse_host(host)
    if scheme not in _PORTS or not sign or not name:
        return None
    return scheme, name, port or _PORTS[scheme]


def _is_same_origin(origins, hosts):
    """Check whether a request is of the same origin, or without an origin."""
    if not origins:
        return True
    parts = _parse_origin(origins[0]) if len(origins) == 1 and hosts else None
    if parts is None:
        return False
    name, port = _parse_host(hosts[0])
    return (name, port or _PORTS[parts[0]]) == parts[1:]


def check_hosts(allowed_hosts):
    """Check the allowed hosts, and add the loopback names."""
    hosts = {*LOOPBACK}
    for host in _list(allowed_hosts, "allowed_hosts"):
        name = _parse_host(_bracketed(host.removeprefix("*.")))[0]
        if host != "*" and not name:
            raise ValueError(
                "allowed_hosts must be names such as 'example.org', '*.example.org' or "
                f"'192.0.2.7'; got {host!r}."
            )
        hosts.add("*" if host == "*" else "*." * host.startswith("*.") + name)
    return hosts


def check_origins(cors_origins):
    """Check the allowed origins."""
    origins = set()
    for origin in _list(cors_origins, "cors_origins"):
        parts = _parse_origin(origin.removesuffix("/"))
        if origin != "*" and parts is None:
            raise ValueError(
                "cors_origins must be origins such as 'https://example.org' or "
                f"'http://localhost:3000'; got {origin!r}."
            )
        if origin == "*":
            origins.add(origin)
            continue
        scheme, name, port = parts
        origins.add(f"{scheme}://{name}" + f":{port}" * (port != _PORTS[scheme]))
    return origins


def _list(values, name):
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{name} must be a list of strings; got {values!r}.")
    return values
