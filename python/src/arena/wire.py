"""Frames between the runner and a harness: 4 bytes of length, then one MessagePack value.

The harness imports this file inside the sandbox, so it needs nothing beyond msgpack and, once an
array travels, numpy. Nothing here ever unpickles.
"""

from __future__ import annotations

import struct
from typing import Any

import msgpack

_LENGTH = struct.Struct(">I")
_ARRAY = 1

#: Largest frame the runner accepts from an agent. Moves take a few bytes; errors are cut to fit.
MAX_REPLY_BYTES = 64 * 1024
#: Largest frame the runner sends.
MAX_REQUEST_BYTES = 16 * 1024 * 1024


class FrameError(Exception):
    """The other side sent what no frame may be."""


def encode(value: Any) -> bytes:
    """One frame; ValueError for a value that does not fit MAX_REQUEST_BYTES."""
    body: bytes = _packer.pack(value)
    if len(body) > MAX_REQUEST_BYTES:
        raise ValueError(f"a frame of {len(body)} bytes is too large")
    return _LENGTH.pack(len(body)) + body


def encode_question(nonce: int, observation: Any) -> bytes:
    """encode([nonce, observation]), in a third of the time if that is an array, as it often is."""
    if type(observation).__module__ != "numpy" or not getattr(observation, "shape", ()):
        return encode([nonce, observation])
    packer = _question_packer
    packer.pack_array_header(2)
    packer.pack(nonce)
    packer.pack_ext_type(_ARRAY, _head(observation) + observation.tobytes())
    body: bytes = packer.bytes()
    packer.reset()
    if len(body) > MAX_REQUEST_BYTES:
        raise ValueError(f"a frame of {len(body)} bytes is too large")
    return _LENGTH.pack(len(body)) + body


def decode(body: bytes | memoryview, arrays: bool = False) -> Any:
    """The value of one frame body. With arrays=False array extensions are refused."""
    try:
        return msgpack.unpackb(
            body,
            raw=False,
            strict_map_key=False,
            ext_hook=_unpack_array if arrays else _refuse_extension,
        )
    except FrameError:
        raise
    except Exception as error:  # msgpack raises many kinds, all of them for malformed bytes
        raise FrameError(f"malformed frame: {type(error).__name__}") from None


def whole_frame(data: bytes) -> Any:
    """The value of a frame if data is exactly one; None if it is less or more."""
    if len(data) < _LENGTH.size or _LENGTH.unpack_from(data)[0] != len(data) - _LENGTH.size:
        return None
    return decode(memoryview(data)[_LENGTH.size :])


def take_frame(buffer: bytearray, limit: int = MAX_REPLY_BYTES) -> bytes | None:
    """Removes the first complete frame body from buffer; None while it is incomplete.

    FrameError as soon as the announced length is above the limit, before any of it is kept.
    """
    if len(buffer) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack_from(buffer)
    if length > limit:
        raise FrameError(f"a frame of {length} bytes is too large")
    end = _LENGTH.size + length
    if len(buffer) < end:
        return None
    body = bytes(memoryview(buffer)[_LENGTH.size : end])
    del buffer[:end]
    return body


# An array travels as the length of its head in one byte, the head (type and shape), and its bytes.
# A game has few shapes, so heads are made and read once.
_heads: dict[tuple[Any, tuple[int, ...]], bytes] = {}
_shapes: dict[bytes, tuple[Any, tuple[int, ...]]] = {}
_MOST_SHAPES = 1000


def _pack_array(value: Any) -> Any:
    if type(value).__module__ == "numpy":
        if hasattr(value, "shape") and value.shape != ():
            return msgpack.ExtType(_ARRAY, _head(value) + value.tobytes())
        return value.item()
    raise TypeError(f"cannot send {type(value).__name__}")


def _head(array: Any) -> bytes:
    key = (array.dtype, array.shape)
    head = _heads.get(key)
    if head is None:
        packed = msgpack.packb((array.dtype.str, array.shape))
        head = bytes([len(packed)]) + packed
        if len(_heads) < _MOST_SHAPES:
            _heads[key] = head
    return head


def _unpack_array(code: int, data: bytes) -> Any:
    if code != _ARRAY:
        raise FrameError(f"unknown extension {code}")
    import numpy

    start = 1 + data[0]
    head = data[1:start]
    known = _shapes.get(head)
    if known is None:
        dtype, shape = msgpack.unpackb(head)
        known = (numpy.dtype(dtype), tuple(shape))
        if len(_shapes) < _MOST_SHAPES:
            _shapes[head] = known
    # A copy: what lies in bytes is read-only, and agents may change what they observed.
    return numpy.ndarray(known[1], known[0], data, start).copy()


# Made once: a packer owns a buffer of 256 KiB, which packb() would allocate for every frame.
_packer = msgpack.Packer(default=_pack_array, use_bin_type=True)
_question_packer = msgpack.Packer(autoreset=False)


def _refuse_extension(code: int, data: bytes) -> Any:
    raise FrameError(f"extension {code} is not allowed here")
