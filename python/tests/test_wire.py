"""Frames, whole and broken."""

import msgpack
import numpy as np
import pytest

from arena import wire


def body(value) -> bytes:
    return wire.encode(value)[4:]


def test_arrays_arrive_with_type_and_shape_and_can_be_changed():
    sent = {"observation": np.arange(6, dtype=np.int8).reshape(2, 3), "n": np.float32(0.5)}

    got = wire.decode(body(sent), arrays=True)

    assert got["observation"].dtype == np.int8
    assert got["observation"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert got["n"] == 0.5
    got["observation"][0, 0] = 9


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0,), np.float32),
        np.arange(24, dtype=np.int16).reshape(2, 3, 4)[:, ::2, ::-1],
        np.array([[True], [False]]),
        np.linspace(0, 1, 7),
        np.arange(5, dtype=">i4"),
    ],
)
def test_arrays_of_any_kind_survive_twice(array):
    for _ in range(2):
        got = wire.decode(body(array), arrays=True)

        assert got.dtype == array.dtype
        assert got.shape == array.shape
        assert got.tolist() == array.tolist()
        assert got.flags.writeable
        assert got.flags.owndata


@pytest.mark.parametrize(
    "observation",
    [
        np.linspace(0, 1, 8, dtype=np.float32),
        np.arange(24).reshape(2, 3, 4)[:, ::2],
        np.float32(0.5),
        np.array(3),
        {"observation": np.zeros((3, 3)), "action_mask": np.ones(9, np.int8)},
        [1, "a", None],
    ],
)
def test_a_question_is_the_frame_of_its_nonce_and_observation(observation):
    nonce = (1 << 62) - 1

    assert wire.encode_question(nonce, observation) == wire.encode([nonce, observation])


def test_a_question_that_is_too_large_is_refused_and_the_next_is_not():
    with pytest.raises(ValueError, match="too large"):
        wire.encode_question(1, np.zeros(wire.MAX_REQUEST_BYTES, np.int8))

    assert wire.encode_question(1, np.zeros(2)) == wire.encode([1, np.zeros(2)])


def test_exactly_one_frame_is_a_whole_one():
    frame = wire.encode(["a", 1])

    assert wire.whole_frame(frame) == ["a", 1]
    for other in (b"", frame[:3], frame[:-1], frame + b"x", frame * 2):
        assert wire.whole_frame(other) is None


def test_frames_are_taken_one_by_one_from_pieces():
    frames = wire.encode([1]) + wire.encode(["two"])
    buffer = bytearray()
    taken = []
    for byte in frames:
        buffer.append(byte)
        frame = wire.take_frame(buffer)
        if frame is not None:
            taken.append(wire.decode(frame))

    assert taken == [[1], ["two"]]
    assert not buffer


def test_an_announced_length_above_the_limit_is_refused_before_it_arrives():
    with pytest.raises(wire.FrameError):
        wire.take_frame(bytearray(b"\xff\xff\xff\xff"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x93\x01",
        b"\xdb\xff\xff\xff\xff",
        b"\x91" * 100_000,
        msgpack.packb(1) + b"\x01",
        b"\xa2\xff\xff",
        msgpack.packb(msgpack.ExtType(1, b"x")),
        msgpack.packb(msgpack.Timestamp(1)) + b"\x00",
    ],
    ids=range(9),
)
def test_malformed_or_extended_replies_are_refused(data):
    with pytest.raises(wire.FrameError):
        wire.decode(data)
