"""Takes RL-Arena's webhooks, believes only what is signed, and counts no message twice.

    ARENA_WEBHOOK_SECRET=whsec_... python3 receiver.py [--port 8600]

Needs nothing but Python. It listens on this machine alone: let a web server with a certificate pass
https on to it. docs/webhooks.md tells what is sent.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Older signatures, and such from the future, are refused: nobody can send one again much later.
TOLERANCE_SECONDS = 300
LARGEST_BODY = 1_000_000


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether whoever sent this knows the secret (Standard Webhooks, HMAC-SHA256)."""
    identity = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit():
        return False
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{identity}.{timestamp}.".encode() + body
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    # After a rotation there are two signatures, by the new secret and by the old one.
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(f"v1,{wanted}".encode(), text.encode()) for text in given)


def serve(
    secret: str, port: int, handle: Callable[[str, dict[str, Any]], None]
) -> ThreadingHTTPServer:
    """A server that gives each sound message with its id to a function, once or more often."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isdigit() or int(length) > LARGEST_BODY:
                self.send_error(413)
                return
            body = self.rfile.read(int(length))
            if not is_signed(secret, self.headers, body, time.time()):
                self.send_error(401)
                return
            handle(self.headers["webhook-id"], json.loads(body))
            # Taken: anything but 2xx, or no answer within ten seconds, and it comes again.
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Nothing: what is sound is printed below."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8600)
    options = parser.parse_args()
    seen: set[str] = set()

    def handle(identity: str, message: dict[str, Any]) -> None:
        if identity in seen:
            return
        seen.add(identity)
        print(message["timestamp"], message["type"], json.dumps(message["data"]), flush=True)

    serve(os.environ["ARENA_WEBHOOK_SECRET"], options.port, handle).serve_forever()


if __name__ == "__main__":
    main()
