"""HTTP: connections that are kept, repeats where nothing is done twice, documents that did not change."""

from __future__ import annotations

import http.client
import json
import random
import select
import ssl
import threading
import time
from collections import OrderedDict
from typing import Any, Mapping, NamedTuple, Optional
from urllib.parse import quote, urlencode, urlsplit

from .answers import KeptError, Problem, Unreachable

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 5.0
IDLE_CONNECTIONS = 8
CACHED_DOCUMENTS = 64
READ_BYTES = 65536


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            raise KeptError(f"the answer ({self.status}) is no JSON: is it kept that answers there?") from None

    def problem(self, key: Optional[str]) -> Problem:
        told: Any = {}
        if self.headers.get("content-type", "").startswith("application/problem+json"):
            told = self.json()
        else:
            told = {"title": http.client.responses.get(self.status, "Unknown"), "request": self.headers.get("x-request-id"),
                    "detail": "the answer is no problem document: is it kept that answers there?"}
        return Problem.of(self.status, told, key)


def piece(name: str, value: Any, safe: str = "") -> str:
    """A piece of a path. An empty one, or dots, would make it another path."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError(f"{name} is a text, not {type(value).__name__}")
    parts = str(value).split("/") if safe else [str(value)]
    if any(p in ("", ".", "..") for p in parts):
        raise ValueError(f"{name} may be neither empty nor dots")
    return quote(str(value), safe=safe)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(value)
    return str(value)


def query(members: Mapping[str, Any]) -> str:
    return "?" + urlencode({k: _text(v) for k, v in members.items()}, quote_via=quote) if members else ""


class Wire:
    """Threads: any; each request has a connection of its own."""

    def __init__(self, url: str, token: Optional[str], timeout: float, retries: int, ssl_context: Optional[ssl.SSLContext]):
        at = urlsplit(url)
        if at.scheme not in ("http", "https") or not at.hostname or at.path not in ("", "/") or at.query or at.username:
            raise ValueError("url is http://HOST:PORT or https://HOST:PORT")
        self._host, self._port = at.hostname, at.port
        self._context = (ssl_context or ssl.create_default_context()) if at.scheme == "https" else None
        if token is not None and (not token.isascii() or not token.isprintable() or " " in token):
            raise ValueError("the token is not one that kept caller add makes")
        self._token = token
        self.timeout, self.retries = timeout, retries
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPConnection] = []
        self._documents: OrderedDict[str, tuple[str, Answer]] = OrderedDict()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for c in idle:
            c.close()

    # ---- one request ----

    def _connection(self) -> http.client.HTTPConnection:
        while True:
            with self._lock:
                c = self._idle.pop() if self._idle else None
            if c is None:
                break
            # Something to read before a request was sent: the other side has closed it.
            if c.sock is not None and not select.select([c.sock], [], [], 0)[0]:
                return c
            c.close()
        if self._context is not None:
            return http.client.HTTPSConnection(self._host, self._port, context=self._context)
        return http.client.HTTPConnection(self._host, self._port)

    def _put_back(self, c: http.client.HTTPConnection) -> None:
        with self._lock:
            if c.sock is not None and len(self._idle) < IDLE_CONNECTIONS:
                self._idle.append(c)
                return
        c.close()

    def _once(self, method: str, path: str, headers: Mapping[str, str], body: Optional[bytes], until: float) -> Answer:
        def patience() -> float:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            return left

        c = self._connection()
        try:
            c.timeout = patience()
            if c.sock is not None:
                c.sock.settimeout(c.timeout)
            c.request(method, path, body, dict(headers))
            sock = c.sock  # which c forgets when the other side says that it closes
            assert sock is not None
            sock.settimeout(patience())
            r = c.getresponse()
            parts = []
            while True:
                sock.settimeout(patience())
                part = r.read1(READ_BYTES)
                if not part:
                    break
                parts.append(part)
            if r.length:
                raise http.client.IncompleteRead(b"")
            r.close()  # read1 leaves it open at its end; the connection could not be used again
            answer = Answer(r.status, {k.lower(): v for k, v in r.getheaders()}, b"".join(parts))
        except BaseException:
            c.close()
            raise
        self._put_back(c)
        return answer

    # ---- and again ----

    @staticmethod
    def _worth_repeating(answer: Answer, key: Optional[str]) -> bool:
        """503 says that the holder of keys is busy; 409 of a key, that the same request is still under way."""
        return answer.status == 503 or (answer.status == 409 and key is not None and b'"/v1/problems#key"' in answer.body)

    def send(self, method: str, path: str, body: Any = None, key: Optional[str] = None, tag: Optional[str] = None,
             timeout: Optional[float] = None, token: bool = True) -> Answer:
        """Whatever is sent may be sent again: it only reads, or it has a key."""
        headers = {"Accept": "application/json, application/problem+json, */*"}
        if token and self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        if tag is not None:
            headers["If-None-Match"] = tag
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, ensure_ascii=False).encode()
        patience = self.timeout if timeout is None else timeout
        until = time.monotonic() + patience
        for turn in range(self.retries + 1):
            wait = random.uniform(0.5, 1) * min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** turn)
            try:
                answer = self._once(method, path, headers, data, until)
            except (TimeoutError, OSError, http.client.HTTPException) as lost:
                # Its text may name hosts and files, and no more: but its kind says enough.
                kind = type(lost).__name__
                left = until - time.monotonic()
                if left <= 0:
                    raise Unreachable(f"no answer within {patience:g} s", key) from None
                if isinstance(lost, ssl.SSLCertVerificationError) or turn == self.retries or wait >= left:
                    raise Unreachable(f"the connection was lost, or never made ({kind})", key) from lost
            else:
                if turn == self.retries or not self._worth_repeating(answer, key):
                    return answer
                after = answer.headers.get("retry-after", "")
                wait = max(wait, float(after)) if after.isdigit() else wait
                if wait >= until - time.monotonic():
                    return answer
            time.sleep(wait)
        raise AssertionError("the last turn returns or raises")

    def document(self, path: str, timeout: Optional[float] = None) -> Answer:
        """A public document: asked for with the tag of before, and not sent again when it is the same."""
        with self._lock:
            tag, before = self._documents.get(path, (None, None))
        answer = self.send("GET", path, tag=tag, timeout=timeout, token=False)
        if answer.status == 304 and before is not None:
            answer = before
        if answer.status == 200 and "etag" in answer.headers:
            with self._lock:
                self._documents[path] = (answer.headers["etag"], answer)
                self._documents.move_to_end(path)
                while len(self._documents) > CACHED_DOCUMENTS:
                    self._documents.popitem(last=False)
        return answer
