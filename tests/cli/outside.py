#!/usr/bin/python3
"""outside.py FOLDER - a system that holds items for the test of orders: a real HTTP server on a free port that FOLDER/port
names. What it was ordered lies in FOLDER/orders.txt, a line an order, with whether its signature was right. FOLDER/mode tells
it what to do: take, done (and says so in its answer), busy (500), never (404), slow (the desk takes longer than anybody waits)."""
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time

folder = sys.argv[1]
SECRETS = {"/desk": b"desk secret", "/door": b"door secret"}


class System(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open(os.path.join(folder, "mode"), encoding="utf-8") as f:
            mode = f.read().strip()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        parts = dict(p.split("=", 1) for p in self.headers.get("Kept-Signature", "t=0,v1=").split(","))
        right = hmac.new(SECRETS[self.path], parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        order = json.loads(body)
        with open(os.path.join(folder, "orders.txt"), "a", encoding="utf-8") as f:
            f.write(json.dumps({"path": self.path, "mode": mode, "order": order,
                                "signed": hmac.compare_digest(right, parts["v1"]) and abs(time.time() - int(parts["t"])) < 60,
                                "key": self.headers.get("Idempotency-Key", "") == order["order"]}) + "\n")
        if mode == "slow" and self.path == "/desk":
            time.sleep(25)
        try:
            self.send_response({"take": 202, "done": 200, "busy": 500, "never": 404, "slow": 202}[mode])
            self.end_headers()
            if mode == "done":
                self.wfile.write(b'{"done": true, "words": "deleted 3 rows of Ada"}')
        except OSError:
            pass

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), System)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(os.path.join(folder, "port.new"), "w", encoding="utf-8") as f:
    f.write("%d\n" % server.server_address[1])
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
threading.Event().wait()
