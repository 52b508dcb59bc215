"""How two ends of a TCP connection prove to each other that they hold the same key.

The key itself never travels: whoever is dialled by mistake, say at an address that now belongs to
another pod, learns nothing that is of use. A connection carries one stream, named by one byte,
which the proofs cover. Agents' images hold this file, so it needs nothing of this package.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import socket
import time

KEY_BYTES = 32
_HELLO = b"rl-arena/1"
_NONCE_BYTES = 32
_PROOF_BYTES = hashlib.sha256().digest_size


class Refused(Exception):
    """The other end is not who it should be, or did not answer in time."""


def dial(address: tuple[str, int], key: bytes, stream: bytes, seconds: float) -> socket.socket:
    """A connection to whoever holds the key at address. Refused; OSError if nobody is there."""
    deadline = time.monotonic() + seconds
    connection = socket.create_connection(address, timeout=seconds)
    try:
        _prepare(connection)
        mine = secrets.token_bytes(_NONCE_BYTES)
        connection.sendall(_HELLO + stream + mine)
        theirs = _read(connection, _NONCE_BYTES, deadline)
        proof = _read(connection, _PROOF_BYTES, deadline)
        if not hmac.compare_digest(proof, _proof(key, b"dialled", stream, mine, theirs)):
            raise Refused("the other end does not hold the key")
        connection.sendall(_proof(key, b"dialling", stream, mine, theirs))
        connection.settimeout(None)
    except BaseException:
        connection.close()
        raise
    return connection


def answer(connection: socket.socket, key: bytes, streams: bytes, seconds: float) -> bytes:
    """The stream that whoever dialled asks for, one of streams. Refused; OSError if it is gone.

    The connection is the caller's to close.
    """
    deadline = time.monotonic() + seconds
    _prepare(connection)
    hello = _read(connection, len(_HELLO) + 1 + _NONCE_BYTES, deadline)
    stream = hello[len(_HELLO) : len(_HELLO) + 1]
    if not hello.startswith(_HELLO) or stream not in streams:
        raise Refused("this is no greeting")
    theirs, mine = hello[-_NONCE_BYTES:], secrets.token_bytes(_NONCE_BYTES)
    connection.sendall(mine + _proof(key, b"dialled", stream, theirs, mine))
    proof = _read(connection, _PROOF_BYTES, deadline)
    if not hmac.compare_digest(proof, _proof(key, b"dialling", stream, theirs, mine)):
        raise Refused("the other end does not hold the key")
    connection.settimeout(None)
    return stream


def listen(host: str, port: int) -> socket.socket:
    """At host, or for every address of this machine, IPv4 and IPv6, if that is empty."""
    if host or not socket.has_dualstack_ipv6():
        return socket.create_server((host, port), backlog=16)
    return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=16)


def _prepare(connection: socket.socket) -> None:
    """Without delays; and a machine that dies without a word is found out in half a minute."""
    tcp = socket.IPPROTO_TCP
    connection.setsockopt(tcp, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        (socket.TCP_KEEPIDLE, 15),
        (socket.TCP_KEEPINTVL, 5),
        (socket.TCP_KEEPCNT, 3),
    ):
        connection.setsockopt(tcp, option, value)


def _proof(key: bytes, role: bytes, stream: bytes, dialling: bytes, dialled: bytes) -> bytes:
    return hmac.digest(key, b"|".join((_HELLO, role, stream, dialling, dialled)), "sha256")


def _read(connection: socket.socket, count: int, deadline: float) -> bytes:
    data = b""
    while len(data) < count:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Refused("the other end does not answer")
        connection.settimeout(left)
        try:
            piece = connection.recv(count - len(data))
        except TimeoutError:
            raise Refused("the other end does not answer") from None
        if not piece:
            raise Refused("the other end hung up")
        data += piece
    return data
