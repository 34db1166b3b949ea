"""A test double of the server: the routes of workers over a Unix socket, with a queue in memory; and real workers of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any, Callable, Dict, List, Optional
from urllib.parse import parse_qs, urlsplit

SRC = str(Path(__file__).parents[1] / "src")


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64
    fake: "FakeServer"

    def handle_error(self, *_: Any) -> None:
        pass  # a worker was killed


class FakeServer:
    """Hands out jobs, and keeps what is told of them."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "server")
        self.jobs: List[Dict[str, Any]] = []
        #: (call, job, body, isStream) in the order in which they came.
        self.told: List[Any] = []
        self.pings: List[List[str]] = []
        self.stops: List[str] = []
        self.expressions: List[str] = []
        self.takes = 0
        self.refuse: Callable[[str], Optional[int]] = lambda path: None
        self.evaluate: Callable[[str], Any] = lambda expression: {"value": "null"}
        self.changed = threading.Condition()
        self.closed = False
        self._server = _Server(self.socket, _Handler)
        self._server.fake = self
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        if os.path.exists(self.socket):
            os.unlink(self.socket)

    def submit(self, **inputs: Any) -> None:
        with self.changed:
            self.jobs += [{"id": job, "input": given, "attempt": 1, "timeout": 60000} for job, given in inputs.items()]
            self.changed.notify_all()

    def stop(self, job: str) -> None:
        with self.changed:
            self.stops.append(job)
            self.changed.notify_all()

    def until(self, found: Callable[[], Any]) -> Any:
        """Waits until something holds, and gives it."""
        with self.changed:
            assert self.changed.wait_for(found, 20), self.told
            return found()

    def done(self, job: str) -> Any:
        """The body of the end of a job."""

        def found() -> Any:
            return next((each for each in self.told if each[:2] == ("job-done", job) and "status" not in each[2]), None)

        return self.until(found)[2]

    def error(self, job: str) -> Any:
        """What a job failed with."""
        body = self.done(job)
        assert list(body) == ["error"], body
        return json.loads(body["error"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        pass

    def address_string(self) -> str:
        return "unix"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        fake = self.server.fake
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        text = self.rfile.read(int(self.headers.get("content-length", "0")))
        _, _, _, call, _, *rest = url.path.split("/")
        refused = fake.refuse(url.path) if self.headers["authorization"] == "secret" else 401
        if refused is not None:
            return self._say(refused, {"error": f"refused with {refused}"})
        with fake.changed:
            fake.changed.notify_all()
            if call == "ping":
                fake.pings.append([job for job in query.get("job_id", [""])[0].split(",") if job])
                return self._say(200, {})
            if call == "job-stop":
                fake.changed.wait_for(lambda: fake.stops or fake.closed)
                return self._say(200, {"jobsToStop": [fake.stops.pop()]}) if fake.stops else self._hang_up()
            if call == "job-take":
                return self._take(False)
            if call in ("job-done", "job-stream"):
                fake.told.append((call, rest[0], json.loads(text), query.get("isStream") == ["true"]))
                fake.changed.notify_all()
                if query.get("wait") == ["0"] and not fake.jobs:
                    return self._say(200, [])
                return self._take(True) if "take" in query else self._say(200, {})
        expression = json.loads(text)["expression"]
        with fake.changed:
            fake.expressions.append(expression)
            fake.changed.notify_all()
        answer = fake.evaluate(expression)
        if answer is not None:
            self._say(200, answer, chunked=True)

    def _take(self, as_list: bool) -> None:
        fake = self.server.fake
        fake.takes += 1
        fake.changed.notify_all()
        fake.changed.wait_for(lambda: fake.jobs or fake.closed)
        if fake.jobs:
            job = fake.jobs.pop(0)
            self._say(200, [job] if as_list else job)
        else:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True

    def _say(self, status: int, value: Any, chunked: bool = False) -> None:
        text = json.dumps(value).encode()
        self.send_response(status)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            half = len(text) // 2
            for piece in (text[:half], text[half:]):
                if piece:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)


class EndpointProcess:
    """A real worker of an app, against a fake server."""

    def __init__(self, folder: Path, source: str, function: str, env: Optional[Dict[str, str]] = None, **more: Any) -> None:
        self.folder = folder
        self.code = folder / "code"
        self.code.mkdir(exist_ok=True)
        (self.code / "app.py").write_text(source, encoding="utf-8")
        self.server = FakeServer(folder)
        settings = {
            "socket": self.server.socket,
            "token": "secret",
            "worker": "w1",
            "endpoint": "app",
            "concurrency": 1,
            "pingMs": 10_000,
            "program": {"kind": "python", "module": "app.py", "function": function},
            "codeDir": str(self.code),
            "storeDir": "",
            "parameters": [],
            "enclosed": False,
            **more,
        }
        self.stderr = folder / "stderr"
        with open(self.stderr, "wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ligase.endpoint_worker"],
                env={**os.environ, "PYTHONPATH": SRC, "LIGASE_ENDPOINT_WORKER": json.dumps(settings), **(env or {})},
                stdout=subprocess.DEVNULL,
                stderr=err,
                cwd=folder,
            )

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.server.close()

    def last_line(self) -> str:
        """Of stderr, once it has ended by itself."""
        assert self.process.wait(20) == 1
        return self.stderr.read_text().rstrip("\n").split("\n")[-1]
