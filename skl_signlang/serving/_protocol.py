"""HTTP/1.1 for the command, bounded before the application is called."""

import json

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MAX_HEAD_BYTES = 32 << 10
"""Bytes of a request's first line and headers."""

MAX_HEADERS = 100
"""Headers of a request."""

_MAX_WAITING = 16  # requests that came on one connection before the answer to the first


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with bounds on what is no body and on waiting for it."""

    def __init__(self, *, seconds, **about):
        super().__init__(**about)
        self._seconds = seconds
        self._head_alarm = self._write_alarm = None
        self._n_other_bytes = 0
        self._n_headers = 0
        self._is_in_head = False
        self._http_error = (400, "this is not a request of HTTP/1.1")

    def connection_made(self, transport):
        """Wait for a head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc):
        """Wait no more."""
        for alarm in (self._head_alarm, self._write_alarm):
            if alarm is not None:
                alarm.cancel()
        super().connection_lost(exc)

    def data_received(self, data):
        """Count what is no body, in pieces no longer than a head."""
        for start in range(0, len(data), MAX_HEAD_BYTES):
            if self.transport.is_closing() or self.parser is None:
                return
            piece = data[start : start + MAX_HEAD_BYTES]
            self._n_other_bytes += len(piece)
            super().data_received(piece)
            if self._n_other_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                reason = f"more than {MAX_HEAD_BYTES:,} bytes are no body"
                self._http_error = (431, reason)
                self.send_400_response("")
        if self._is_idle():
            self._await_head()

    def on_message_begin(self):
        """Begin to count."""
        super().on_message_begin()
        self._is_in_head = True
        self._n_headers = 0

    def on_header(self, name, value):
        """Count headers; those after a body are for nobody."""
        self._n_headers += 1
        if self._n_headers > MAX_HEADERS:
            self._http_error = (431, f"the head has more than {MAX_HEADERS} headers")
            raise ValueError(self._http_error[1])
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self):
        """Hand the request over, with the host that its first line names."""
        self._is_in_head = False
        if self._head_alarm is not None:
            self._head_alarm.cancel()
            self._head_alarm = None
        if len(self.pipeline) >= _MAX_WAITING:
            self._http_error = (429, "too many requests wait on this connection")
            raise ValueError(self._http_error[1])
        if b"://" in self.url and not self.url.startswith(b"/"):
            self._take_host(httptools.parse_url(self.url))
        super().on_headers_complete()

    def _take_host(self, url):
        """Take the host of the first line, beside which a header counts for nothing."""
        host = b"[%s]" % url.host if b":" in url.host else url.host
        if url.port:
            host += b":%d" % url.port
        others = [header for header in self.headers if header[0] != b"host"]
        self.headers[:] = [*others, (b"host", host)]
        self.url = (url.path or b"/") + (b"?" + url.query if url.query else b"")

    def on_body(self, body):
        """Take off what is a body; pieces of a byte cost more than they carry."""
        self._n_other_bytes = max(0, self._n_other_bytes - 2 * len(body))
        super().on_body(body)

    def on_message_complete(self):
        """Begin anew."""
        self._n_other_bytes = 0
        super().on_message_complete()

    def pause_writing(self):
        """Give a client that takes nothing its time."""
        super().pause_writing()
        self._write_alarm = self.loop.call_later(self._seconds, self.transport.abort)

    def resume_writing(self):
        """Wait no more for it."""
        super().resume_writing()
        if self._write_alarm is not None:
            self._write_alarm.cancel()

    def send_400_response(self, msg):
        """Say in the form of all errors why the connection is closed."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._is_in_head or self.pipeline or cycle.response_started:
                # the answer to another request is on its way
                self.transport.abort()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        status, reason = self._http_error
        content = json.dumps({"error": reason}).encode()
        head = b"content-type: application/json\r\ncontent-length: %d\r\n"
        head += b"connection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head % len(content) + content)
        self.transport.close()

    def _is_idle(self):
        return self._is_in_head or self.cycle is None or self.cycle.response_complete

    def _await_head(self):
        if self._head_alarm is None:
            self._head_alarm = self.loop.call_later(self._seconds, self._end_waiting)

    def _end_waiting(self):
        self._head_alarm = None
        if self.transport.is_closing() or not self._is_idle():
            return
        if self._is_in_head:
            self._http_error = (408, f"no request within {self._seconds:g} seconds")
            self.send_400_response("")
        else:
            self.transport.close()
