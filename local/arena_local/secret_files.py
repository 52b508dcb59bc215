"""The suite's secrets on this machine: made on the first start, readable by their owner alone."""

from __future__ import annotations

import os
import secrets

from .layout import Layout

# Services that call others and therefore ask auth-service for tokens.
CALLING_SERVICES = (
    "submission-service",
    "build-service",
    "match-service",
    "system-checker",
)


def secret(layout: Layout, name: str) -> str:
    """The secret of that name, made if it does not exist yet."""
    path = layout.secrets / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    value = secrets.token_urlsafe(32)
    # O_EXCL with the mode given: at no moment is there a file that others can read.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
    return value


def client_secret(layout: Layout, service: str) -> str:
    return secret(layout, f"client-{service}")
