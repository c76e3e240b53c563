"""line.py HOST:PORT - a line to the real server that does what lines do: it is cut before a request, or after it and before the
answer, it is slow, something else answers in between. Prints its own port; ends when its input does. Told over itself:
    POST /-/next  ["drop", "lose", ...]  what becomes of the next requests, one each
    GET  /-/seen  what was asked since: method, path, key, tag, status, authorised"""

import http.client
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOCK = threading.Lock()
NEXT: list = []
SEEN: list = []
OVER = threading.Event()

# What kept itself says when its holder is behind, and when the first of two requests with a key is under way.
BUSY = (503, {"type": "/v1/problems#busy", "title": "Service Unavailable", "status": 503, "detail": "the holder of keys is behind"})
UNDER_WAY = (409, {"type": "/v1/problems#key", "title": "Conflict", "status": 409, "detail": "a request with this Idempotency-Key is under way"})


class Line(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self):
        self.close_connection = True

    def told(self, body):
        with LOCK:
            if self.command == "POST":
                NEXT[:] = json.loads(body)
                SEEN.clear()
            text = json.dumps(SEEN).encode()
        self.answer(200, [("Content-Type", "application/json")], text)

    def forward(self, body):
        c = http.client.HTTPConnection(*SERVER, timeout=20)
        names = ("authorization", "content-type", "idempotency-key", "if-none-match", "accept")
        c.request(self.command, self.path, body, {k: v for k, v in self.headers.items() if k.lower() in names})
        r = c.getresponse()
        data = r.read()
        c.close()
        hop = ("connection", "content-length", "transfer-encoding", "keep-alive")
        return r.status, [(k, v) for k, v in r.getheaders() if k.lower() not in hop], data

    def problem(self, status, told, after):
        self.answer(status, [("Content-Type", "application/problem+json"), ("Retry-After", after)], json.dumps(told, separators=(",", ":")).encode())
        return status

    def one(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        if self.path.startswith("/-/"):
            return self.told(body)
        with LOCK:
            fault = NEXT.pop(0) if NEXT else ""
            seen = {"method": self.command, "path": self.path, "key": self.headers.get("Idempotency-Key"), "tag": self.headers.get("If-None-Match"),
                    "authorised": "Authorization" in self.headers, "status": 0}
            SEEN.append(seen)
        if fault == "drop":
            return self.cut()
        if fault == "busy":
            seen["status"] = self.problem(*BUSY, "0")
        elif fault == "busy for long":
            seen["status"] = self.problem(*BUSY, "600")
        elif fault == "under way":
            seen["status"] = self.problem(*UNDER_WAY, "0")
        elif fault == "page":
            self.answer(502, [("Content-Type", "text/html")], b"<html>a secret of somebody</html>")
        elif fault == "no json":
            self.answer(200, [("Content-Type", "application/json")], b"{a secret of somebody")
        elif fault == "half":
            self.send_response_only(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"operation": "st')
            self.cut()
        else:
            status, headers, data = self.forward(body)
            seen["status"] = status
            if fault == "lose":
                return self.cut()
            if fault == "slow":
                OVER.wait(3)
            self.answer(status, headers, data)
        return None

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = one


if __name__ == "__main__":
    host, _, port = sys.argv[1].partition(":")
    SERVER = (host, int(port))
    line = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    line.daemon_threads = True
    threading.Thread(target=line.serve_forever, daemon=True).start()
    print(line.server_address[1], flush=True)
    sys.stdin.read()
    OVER.set()
