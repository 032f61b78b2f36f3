"""Downloads from untrusted servers, in bounded time and memory."""

import http.client
import io
import queue
import socket
import ssl
import threading
import time
from contextlib import closing
from http import HTTPStatus
from urllib.parse import quote as percent_encode
from urllib.parse import urljoin, urlsplit

from skl_signlang._errors import quote
from skl_signlang._image_files import MAX_BYTES
from skl_signlang._once import once

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_TRANSIENT = (408, 425, 429)
_MAX_REDIRECTS = 10
_MAX_URL = 8192
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 8.0
_BLOCK = 1 << 16
_OVERHEAD = 1 << 20
# Characters that RFC 3986 allows in paths and queries, and % for quoted ones
_SAFE = "%/:=&?~+!$,;'@()*[]-._"


class DownloadError(ValueError):
    """Error of a download that is not retried."""


class _TransientError(DownloadError):
    """Error of a download that is retried."""


def download(url, *, timeout=10.0, retries=2, max_bytes=MAX_BYTES, stop=None):
    """Download a file in bounded time and memory.

    Follows redirects to http and https; ignores the proxies of the environment. Retries
    timeouts, status codes of at least 500 and incomplete responses, but not a 404.
    """
    deadline = _Deadline(
        timeout, 2 * timeout * (retries + 1), stop or threading.Event()
    )
    tries = 0
    while True:
        try:
            return _follow(url, deadline, max_bytes)
        except _TransientError as error:
            tries += 1
            wait = min(_FIRST_WAIT * 2 ** min(tries - 1, 9), _LONGEST_WAIT)
            if tries > retries or not deadline.wait(wait):
                times = f" ({tries} tries)" if tries > 1 else ""
                raise DownloadError(f"{error}{times}") from error


class _Deadline:
    """Time limits of a download and of each of its steps."""

    def __init__(self, timeout, total, stop):
        self.timeout = timeout
        self.total = total
        self.stop = stop
        self._end = time.monotonic() + total

    def left(self):
        """Return the seconds left for the next step; raise DownloadError if none."""
        if self.stop.is_set():
            raise DownloadError("the download was stopped")
        left = self._end - time.monotonic()
        if left <= 0:
            raise DownloadError(
                f"the server took more than {self.total:g} s, which is 2 * timeout * "
                "(retries + 1), and did not finish"
            )
        return min(left, self.timeout)

    def wait(self, seconds):
        """Wait; return whether there is time to continue."""
        if time.monotonic() + seconds >= self._end:
            return False
        return not self.stop.wait(seconds)


def _follow(url, deadline, max_bytes):
    """Download a file, following redirects."""
    seen = []
    while True:
        seen.append(url)
        content, location = _get(url, deadline, max_bytes)
        if location is None:
            return content
        try:
            url = urljoin(url, location)
        except ValueError as error:
            raise DownloadError(f"it redirects to {quote(location)}: {error}") from None
        if url in seen:
            raise DownloadError(f"redirects form a cycle, back to {quote(url)}")
        if len(seen) > _MAX_REDIRECTS:
            raise DownloadError(f"there are more than {_MAX_REDIRECTS} redirects")


def _get(url, deadline, max_bytes):
    """Request one URL; return content and None, or None and the redirect's URL."""
    scheme, host, port, target = _split(url)
    try:
        with closing(_open(scheme, host, port, deadline)) as sock:
            connection = http.client.HTTPConnection(host, port)
            connection.default_port = _PORTS[scheme]
            connection.sock = _TimedSocket(sock, deadline, 2 * max_bytes + _OVERHEAD)
            connection.request("GET", target, headers=_HEADERS)
            response = connection.getresponse()
            location = response.getheader("Location")
            if response.status in _REDIRECTS and location:
                # http.client reads headers as Latin-1; servers write UTF-8
                return None, location.encode("latin-1").decode("utf-8", "replace")
            _check_status(response.status)
            return _read_body(response, max_bytes), None
    except DownloadError:
        raise
    except TimeoutError:
        deadline.left()
        message = f"the server was silent for {deadline.timeout:g} s"
        raise _TransientError(message) from None
    except ssl.SSLCertVerificationError as error:
        message = f"the server's certificate is not valid: {error.verify_message}"
        raise DownloadError(message) from error
    except socket.gaierror as error:
        kind = _TransientError if error.errno == socket.EAI_AGAIN else DownloadError
        raise kind(f"the host {host!r} is not found: {error.strerror}") from error
    # http.client raises ValueError and others for malformed responses
    except (OSError, http.client.HTTPException, ValueError) as error:
        what = f"{type(error).__name__}: {str(error)[:100]!r}"
        raise _TransientError(f"the connection was lost, {what}") from error


_HEADERS = {
    "User-Agent": "skl_signlang",
    "Accept": "image/*, */*;q=0.5",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


def _split(url):
    """Split a URL into scheme, host, port and request target."""
    if len(url) > _MAX_URL:
        raise DownloadError(f"the URL has {len(url):,} characters")
    if not url.isprintable():
        raise DownloadError("the URL has characters that cannot be printed")
    try:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS:
            raise DownloadError(f"{quote(url)} is neither http nor https")
        if not parts.hostname or parts.username is not None:
            raise DownloadError(
                "the URL has no host, or has a user's name; expected "
                "http(s)://host/path"
            )
        # Paths and queries keep their case; hosts are in ASCII
        host = parts.hostname.encode("idna").decode()
        query = f"?{percent_encode(parts.query, safe=_SAFE)}" if parts.query else ""
        target = percent_encode(parts.path or "/", safe=_SAFE) + query
        return parts.scheme, host, parts.port or _PORTS[parts.scheme], target
    except DownloadError:
        raise
    except ValueError as error:
        raise DownloadError(f"it is not a URL: {error}") from error


def _open(scheme, host, port, deadline):
    """Connect to a host."""
    problem = OSError("the host has no address")
    for *_, address in _look_up(host, port, deadline):
        try:
            sock = socket.create_connection(address[:2], deadline.left())
            break
        except OSError as error:
            problem = error
    else:
        raise problem
    if scheme == "http":
        return sock
    try:
        sock.settimeout(deadline.left())
        return _tls().wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


def _look_up(host, port, deadline):
    """Resolve a host in a thread, since the system's look-up has no timeout."""
    answers = queue.SimpleQueue()

    def ask():
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise _TransientError(f"the host {host!r} was not found in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


@once
def _tls():
    """Load the system's certificates, once."""
    return ssl.create_default_context()


class _TimedSocket:
    """Socket for http.client whose steps keep the deadline."""

    def __init__(self, sock, deadline, max_bytes):
        self._sock = sock
        self._deadline = deadline
        self._max_bytes = max_bytes

    def sendall(self, content):
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(content)

    def makefile(self, mode):
        reader = _TimedReader(self._sock, self._deadline, self._max_bytes)
        return io.BufferedReader(reader)

    def close(self):
        """Do nothing: http.client closes it before it reads the body."""


class _TimedReader(io.RawIOBase):
    """Stream of a socket, limited in time and bytes.

    http.client alone would read slow headers without a time limit, and chunks of any
    size.
    """

    def __init__(self, sock, deadline, max_bytes):
        self._sock = sock
        self._deadline = deadline
        self._left = max_bytes

    def readable(self):
        return True

    def readinto(self, buffer):
        if self._left <= 0:
            raise DownloadError("the response does not end")
        self._sock.settimeout(self._deadline.left())
        n_bytes = self._sock.recv_into(buffer)
        self._left -= n_bytes
        return n_bytes


def _check_status(status):
    """Raise DownloadError unless the status is 200."""
    if status == HTTPStatus.OK:
        return
    known = status in {known.value for known in HTTPStatus}
    phrase = f" {HTTPStatus(status).phrase}" if known else ""
    kind = _TransientError if status >= 500 or status in _TRANSIENT else DownloadError
    raise kind(f"the server answers {status}{phrase}")


def _read_body(response, max_bytes):
    """Read a complete response body of at most `max_bytes`."""
    encoding = response.getheader("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise DownloadError(
            f"the server sends it as {encoding[:20]!r}; expected no encoding"
        )
    expected = response.length
    announced = response.getheader("Content-Length", "").strip()
    # http.client ignores a malformed length, which would hide truncation
    malformed = expected is None or not announced.isdecimal()
    if announced and malformed and not response.chunked:
        raise _TransientError(f"the server announced {announced[:40]!r} bytes")
    if expected is not None and expected > max_bytes:
        raise DownloadError(
            f"the image has {expected:,} bytes; at most {max_bytes:,} are read"
        )
    content = bytearray()
    while block := response.read(_BLOCK):
        content += block
        if len(content) > max_bytes:
            raise DownloadError(f"the image has more than {max_bytes:,} bytes")
    if expected is not None and len(content) < expected:
        raise _TransientError(
            f"the server announced {expected:,} bytes and sent {len(content):,}"
        )
    return bytes(content)
