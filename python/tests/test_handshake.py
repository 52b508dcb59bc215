"""Both ends of a connection prove that they hold the key; nobody else gets in or learns it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import pytest

from arena.handshake import Refused, answer, dial, listen

KEY, OTHER = b"k" * 32, b"o" * 32


class End:
    """Answers whoever dials, one after the other."""

    def __init__(self) -> None:
        self.listener = listen("127.0.0.1", 0)
        self.address: tuple[str, int] = self.listener.getsockname()
        self._pool = ThreadPoolExecutor(1)

    def answer(self, streams: bytes = b"mc", seconds: float = 10.0) -> Future[bytes]:
        def one() -> bytes:
            connection, _ = self.listener.accept()
            with connection:
                return answer(connection, KEY, streams, seconds)

        return self._pool.submit(one)

    def close(self) -> None:
        self.listener.close()
        self._pool.shutdown(wait=False)


@pytest.fixture
def end() -> Iterator[End]:
    end = End()
    yield end
    end.close()


def relay(address: tuple[str, int], heard: list[bytes]) -> tuple[str, int]:
    """An eavesdropper between two ends, for one connection."""
    listener = listen("127.0.0.1", 0)

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                heard.append(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def run() -> None:
        near, _ = listener.accept()
        far = socket.create_connection(address)
        listener.close()
        back = threading.Thread(target=pump, args=(far, near))
        back.start()
        pump(near, far)
        back.join()
        near.close()
        far.close()

    threading.Thread(target=run, daemon=True).start()
    return listener.getsockname()


def test_two_that_hold_the_key_find_each_other(end: End):
    answered = end.answer()
    with dial(end.address, KEY, b"c", 10):
        assert answered.result(10) == b"c"


def test_who_does_not_hold_it_is_refused_and_told_nothing(end: End):
    answered = end.answer()
    with pytest.raises(Refused, match="does not hold the key"):
        dial(end.address, OTHER, b"c", 10)
    with pytest.raises(Refused):
        answered.result(10)


def test_the_key_is_never_sent(end: End):
    heard: list[bytes] = []
    answered = end.answer()
    with dial(relay(end.address, heard), KEY, b"c", 10):
        assert answered.result(10) == b"c"
    assert KEY not in b"".join(heard)
    assert KEY.hex().encode() not in b"".join(heard)


def test_what_was_overheard_opens_nothing_later(end: End):
    heard: list[bytes] = []
    first = end.answer()
    with dial(relay(end.address, heard), KEY, b"c", 10):
        first.result(10)
    hello, proof = heard[0], heard[-1]

    again = end.answer()
    with socket.create_connection(end.address, timeout=10) as connection:
        connection.sendall(hello + proof)
        with pytest.raises(Refused, match="does not hold the key"):
            again.result(10)


def test_a_proof_is_no_good_for_the_other_role(end: End):
    """Whoever is dialled cannot send the challenge back to its sender and repeat the answer."""
    mirrored = listen("127.0.0.1", 0)

    def reflect() -> None:
        connection, _ = mirrored.accept()
        hello = connection.recv(4096)
        with socket.create_connection(end.address, timeout=10) as other:
            other.sendall(hello)
            connection.sendall(other.recv(4096)[:32] + b"x" * 32)
        connection.close()

    end.answer()
    threading.Thread(target=reflect, daemon=True).start()
    with pytest.raises(Refused):
        dial(mirrored.getsockname(), KEY, b"c", 10)
    mirrored.close()


def test_a_stream_that_is_taken_is_refused(end: End):
    answered = end.answer(streams=b"m")
    with pytest.raises((Refused, OSError)):
        dial(end.address, KEY, b"c", 10)
    with pytest.raises(Refused, match="no greeting"):
        answered.result(10)


@pytest.mark.parametrize(
    "send",
    [
        lambda connection: None,
        lambda connection: connection.sendall(b"GET / HTTP/1.1"),
        lambda connection: connection.sendall(b"rl-arena/1c"),
        lambda connection: connection.shutdown(socket.SHUT_WR),
    ],
    ids=["nothing", "another protocol", "half a greeting", "hangs up"],
)
def test_who_says_nothing_of_use_is_not_waited_for(
    end: End, send: Callable[[socket.socket], object]
):
    answered = end.answer(seconds=0.3)
    with socket.create_connection(end.address, timeout=10) as connection:
        send(connection)
        with pytest.raises(Refused):
            answered.result(10)


def test_an_end_that_does_not_answer_is_not_waited_for():
    with listen("127.0.0.1", 0) as listener, pytest.raises(Refused, match="does not answer"):
        dial(listener.getsockname(), KEY, b"c", 0.3)
