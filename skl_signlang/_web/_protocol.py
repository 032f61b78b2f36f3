"""HTTP/1.1 and WebSockets with limits on headers and waiting times."""

import json
import logging

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol,
)

from skl_signlang._web._rate import Rate

MAX_HEAD_BYTES = 32 << 10
"""Maximum bytes of the first line and the headers."""

MAX_HEADERS = 100
"""Maximum number of headers."""

_MAX_WAITING = 16  # pipelined requests of one connection
_PIECES_A_SECOND = 1000  # parts of messages, pings and pongs
_SILENT = logging.Logger("silent", logging.CRITICAL + 1)


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol that ends where a client does not read, or sends pieces."""

    def __init__(self, *, seconds, **about):
        super().__init__(**about)
        self._seconds = seconds
        self._write_timer = None
        self._rate = Rate(_PIECES_A_SECOND)

    def data_received(self, data):
        """Check that a head is valid; uvicorn would wait for another."""
        super().data_received(data)
        # the head comes at once
        if not (self.handshake_initiated or self.transport.is_closing()):
            reason = "the request is not a valid opening of a WebSocket"
            self.transport.write(_error_response(400, reason))
            self.transport.close()

    async def send(self, message):
        """Send; a refusal ends the handshake, which uvicorn would log as missing."""
        await super().send(message)
        self.handshake_complete |= self.close_sent

    def handle_text(self, event):
        """Receive text, or a part of it."""
        self._receive(super().handle_text, event)

    def handle_cont(self, event):
        """Count a part of a message."""
        self._count()
        self._receive(super().handle_cont, event)

    def handle_ping(self):
        """Count a ping."""
        self._count()
        super().handle_ping()

    def handle_pong(self, event):
        """Count a pong."""
        self._count()
        super().handle_pong(event)

    def pause_writing(self):
        """Start the timer of a client that does not read."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(self._seconds, self.transport.abort)

    def resume_writing(self):
        """Cancel the timer."""
        super().resume_writing()
        self._cancel()

    def connection_lost(self, exc):
        """Cancel the timer."""
        self._cancel()
        super().connection_lost(exc)

    def _receive(self, handle, event):
        """Receive text without a log entry where it is not UTF-8."""
        logger, self.logger = self.logger, _SILENT
        try:
            handle(event)
        finally:
            self.logger = logger

    def _count(self):
        if not self._rate.take():
            self.transport.abort()

    def _cancel(self):
        if self._write_timer is not None:
            self._write_timer.cancel()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits on headers and waiting times."""

    def __init__(self, *, seconds, **about):
        super().__init__(**about)
        self._seconds = seconds
        self._head_timer = self._write_timer = None
        self._n_overhead_bytes = 0
        self._n_headers = 0
        self._is_in_head = self._is_upgraded = False
        self._http_error = (400, "the request is not valid HTTP/1.1")
        self._last_answer = None

    def connection_made(self, transport):
        """Start the timer of the head."""
        super().connection_made(transport)
        self._start_head_timer()

    def connection_lost(self, exc):
        """Cancel the timers."""
        for alarm in (self._head_timer, self._write_timer):
            if alarm is not None:
                alarm.cancel()
        super().connection_lost(exc)

    def data_received(self, data):
        """Count the bytes outside bodies, in pieces of at most a head's length."""
        for start in range(0, len(data), MAX_HEAD_BYTES):
            if self._is_over():
                return
            piece = data[start : start + MAX_HEAD_BYTES]
            self._n_overhead_bytes += len(piece)
            super().data_received(piece)
            if self._n_overhead_bytes > MAX_HEAD_BYTES and not self._is_over():
                reason = f"the headers have more than {MAX_HEAD_BYTES:,} bytes"
                self._http_error = (431, reason)
                self.send_400_response("")
        if self._is_idle() and not self._is_over():
            self._start_head_timer()

    def handle_websocket_upgrade(self):
        """Hand the connection over to the protocol of WebSockets."""
        self._is_upgraded = True
        super().handle_websocket_upgrade()

    def on_message_begin(self):
        """Reset the count of headers."""
        super().on_message_begin()
        self._is_in_head = True
        self._n_headers = 0

    def on_header(self, name, value):
        """Count headers, and ignore trailers."""
        self._n_headers += 1
        if self._n_headers > MAX_HEADERS:
            self._http_error = (431, f"the head has more than {MAX_HEADERS} headers")
            raise ValueError(self._http_error[1])
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self):
        """Start the request, with the host of an absolute URL."""
        self._is_in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if len(self.pipeline) >= _MAX_WAITING:
            self._http_error = (429, "too many pipelined requests on this connection")
            raise ValueError(self._http_error[1])
        if b"://" in self.url and not self.url.startswith(b"/"):
            self._use_host_of_url(httptools.parse_url(self.url))
        super().on_headers_complete()

    def _use_host_of_url(self, url):
        """Replace the header Host by the host of an absolute URL."""
        host = b"[%s]" % url.host if b":" in url.host else url.host
        if url.port:
            host += b":%d" % url.port
        others = [header for header in self.headers if header[0] != b"host"]
        self.headers[:] = [*others, (b"host", host)]
        self.url = (url.path or b"/") + (b"?" + url.query if url.query else b"")

    def on_body(self, body):
        """Subtract bodies; pieces of one byte cost more than they hold."""
        self._n_overhead_bytes = max(0, self._n_overhead_bytes - 2 * len(body))
        super().on_body(body)

    def on_message_complete(self):
        """Reset the count of bytes."""
        self._n_overhead_bytes = 0
        super().on_message_complete()

    def pause_writing(self):
        """Start the timer of a client that does not read."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(self._seconds, self.transport.abort)

    def resume_writing(self):
        """Cancel the timer of a client that does not read."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()

    def send_400_response(self, msg):
        """Send the reason as JSON, and close the connection."""
        cycle = self.cycle
        answer = _error_response(*self._http_error)
        if cycle is not None and not cycle.response_complete:
            if self.pipeline or not cycle.more_body:
                # the requests before are valid, such as one without the length of its
                # body, which is then read as the next request
                if cycle.more_body:
                    self.pipeline.popleft()
                self._last_answer, self._is_in_head = answer, False
                self.flow.pause_reading()
                return
            if cycle.response_started:
                self.transport.abort()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(answer)
        self.transport.close()

    def on_response_complete(self):
        """Send the answer to what followed the last valid request."""
        is_last = not self.pipeline
        super().on_response_complete()
        if self._last_answer is None or self.transport.is_closing():
            return
        self.flow.pause_reading()
        if is_last:
            self.transport.write(self._last_answer)
            self.transport.close()

    def _is_over(self):
        is_closing = self.transport.is_closing() or self.parser is None
        return is_closing or self._is_upgraded or self._last_answer is not None

    def _is_idle(self):
        return self._is_in_head or self.cycle is None or self.cycle.response_complete

    def _start_head_timer(self):
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(
                self._seconds, self._on_head_timeout
            )

    def _on_head_timeout(self):
        self._head_timer = None
        if self.transport.is_closing() or not self._is_idle():
            return
        if self._is_in_head:
            self._http_error = (408, f"no request within {self._seconds:g} seconds")
            self.send_400_response("")
        else:
            self.transport.close()


def _error_response(status, reason):
    """Return a response with a reason as JSON, after which the connection closes."""
    content = json.dumps({"error": reason}).encode()
    head = b"content-type: application/json\r\ncontent-length: %d\r\n"
    head += b"connection: close\r\n\r\n"
    return STATUS_LINE[status] + head % len(content) + content
