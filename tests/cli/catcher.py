#!/usr/bin/python3
"""catcher.py FOLDER - two real servers for the test of `kept post`: SMTP (aiosmtpd) and HTTP, on free ports that
FOLDER/ports names. What they were given lies in FOLDER, a file a message. FOLDER/mode tells them what to do:
"take"; "busy": not now; "never": refused for good."""
import http.server
import json
import os
import socket
import sys
import threading

from aiosmtpd.controller import Controller

folder = sys.argv[1]


def mode():
    with open(os.path.join(folder, "mode"), encoding="utf-8") as f:
        return f.read().strip()


def note(name, text):
    with open(os.path.join(folder, name), "a", encoding="utf-8") as f:
        f.write(text + "\n")


class Mail:
    async def handle_RCPT(self, server, session, envelope, address, options):
        note("mail.tries", mode())
        if mode() == "never":
            return "550 5.1.1 there is nobody of that name: " + address
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if mode() == "busy":
            return "451 4.3.0 come back later"
        note("mail.txt", "FROM %s TO %s\n%s" % (envelope.mail_from, ",".join(envelope.rcpt_tos),
                                               envelope.content.decode("utf-8")))
        return "250 OK"


class Gateway(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        note("text.tries", mode())
        if mode() == "take":
            note("text.txt", json.dumps({"body": body, "token": self.headers.get("Authorization", ""),
                                         "key": self.headers.get("Idempotency-Key", "")}, ensure_ascii=False))
        self.send_response({"take": 202, "busy": 503, "never": 422}[mode()])
        self.end_headers()

    def log_message(self, *args):
        pass


with socket.socket() as free:  # the controller cannot be told "any port"
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
mail = Controller(Mail(), hostname="127.0.0.1", port=port)
mail.start()
gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=gateway.serve_forever, daemon=True).start()
with open(os.path.join(folder, "ports.new"), "w", encoding="utf-8") as f:
    f.write("%d %d\n" % (port, gateway.server_address[1]))
os.rename(os.path.join(folder, "ports.new"), os.path.join(folder, "ports"))
threading.Event().wait()
