"""What `sluice` really sends to ClickHouse: a proxy before the embedded one
takes statements down, so that they can be run on another version."""

import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Parameters of the HTTP interface that are no settings of the query.
_OF_HTTP = {"database", "query", "default_format", "query_id", "session_id",
            "wait_end_of_query", "enable_http_compression", "compress",
            "user", "password"}


@dataclass(frozen=True)
class Statement:
    sql: str
    settings: tuple[tuple[str, str], ...]

    def script(self):
        """The statement after its settings, for an engine without HTTP."""
        settings = ", ".join(
            f"{name} = {value}" if value.isdigit() else f"{name} = '{value}'"
            for name, value in self.settings)
        return [f"SET {settings}"] * bool(settings) + [self.sql]


class Recorder:
    """Listens on a port of the loopback while it is used in a `with`."""

    def __init__(self, target):
        self.statements = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                recorder.forward(self, target)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever,
                         daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def forward(self, handler, target):
        body = handler.rfile.read(int(handler.headers["Content-Length"] or 0))
        self._take_down(handler.path, body)
        headers = {name: value for name, value in handler.headers.items()
                   if name.lower() not in ("host", "content-length",
                                           "connection")}
        request = urllib.request.Request(target + handler.path,
                                         data=body or None, headers=headers,
                                         method=handler.command)
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("content-length", "transfer-encoding",
                                    "connection"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _take_down(self, path, body):
        parameters = urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query,
                                            keep_blank_values=True)
        sql = "\n".join(value for name, value in parameters
                        if name == "query") or body.decode()
        settings = tuple((name, value) for name, value in parameters
                         if name not in _OF_HTTP)
        if sql:
            self.statements.append(Statement(sql.strip(), settings))
