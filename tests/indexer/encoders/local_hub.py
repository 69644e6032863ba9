"""A model hub on this machine, in the layout and with the headers of the public one, and with its faults to order."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class LocalHub:
    """Repositories, what was asked of them, and what is to go wrong."""

    address: str
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """owner/name -> file -> content, at COMMIT, which is `main`."""
    asked: list[str] = field(default_factory=list)
    """Method, path and range of every request, in order."""
    served: dict[str, bytes] = field(default_factory=dict)
    """File -> what is served in place of its content, while the headers name the true one."""
    cut_after: list[int] = field(default_factory=list)
    """Bytes after which the next large downloads lose their line, one entry a download."""
    stall_after: list[int] = field(default_factory=list)
    """Bytes after which the next large downloads stand still, until the client hangs up."""
    statuses: dict[str, int] = field(default_factory=dict)
    """File -> an HTTP status to answer with."""
    ranges: bool = True
    """Whether downloads resume."""

    def gets(self, ending: str) -> list[str]:
        """Return the ranges of the downloads of a file, "" for a whole one."""
        return [line.partition(" @")[2] for line in self.asked if line.startswith("GET") and f"/{ending} @" in line]


class _Answer(BaseHTTPRequestHandler):
    hub: LocalHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.hub.asked.append(f"{self.command} {self.path} @{self.headers.get('Range', '')}")
        if self.path.startswith(("/cdn/", "/api/resolve-cache/models/")):
            repository, file = self.path.split("/models/")[1].split("/blob/")
            self.send_content(repository, file)
            return
        repository, _, rest = self.path[1:].partition("/resolve/")
        revision, _, file = rest.partition("/")
        status = self.hub.statuses.get(file)
        content = self.hub.files.get(repository, {}).get(file)
        if status or content is None or revision not in ("main", COMMIT):
            self.send_status(status or 404)
            return
        large = file.endswith(".safetensors")
        self.send_response(302 if large else 307)
        self.send_header("X-Repo-Commit", COMMIT)
        place = "cdn" if large else "api/resolve-cache"
        address = self.hub.address if large else ""
        self.send_header("Location", f"{address}/{place}/models/{repository}/blob/{file}")
        if large:
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("X-Linked-ETag", f'"{sha256(content).hexdigest()}"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_status(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_content(self, repository: str, file: str) -> None:
        true = self.hub.files[repository][file]
        content = self.hub.served.get(file, true)
        span = self.headers.get("Range", "") if self.hub.ranges else ""
        start = int(span.removeprefix("bytes=").rstrip("-")) if span else 0
        self.send_response(206 if span else 200)
        if span:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        if "/api/" in self.path:
            self.send_header("X-Repo-Commit", COMMIT)
            blob = sha1(b"blob %d\0" % len(true) + true).hexdigest()
            self.send_header("ETag", f'"{blob}"')
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.path.startswith("/cdn/") and self.hub.cut_after:
            self.wfile.write(content[start : start + self.hub.cut_after.pop(0)])
            self.close_connection = True
            return
        if self.path.startswith("/cdn/") and self.hub.stall_after:
            self.wfile.write(content[start : start + self.hub.stall_after.pop(0)])
            self.wfile.flush()
            self.connection.settimeout(20)
            self.rfile.read(1)
            return
        self.wfile.write(content[start:])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up: that is what some tests do."""


@contextmanager
def local_hub() -> Iterator[LocalHub]:
    """Run a hub for as long as the block lasts."""
    server = _Server(("127.0.0.1", 0), _Answer)
    hub = LocalHub(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Answer", (_Answer,), {"hub": hub})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
