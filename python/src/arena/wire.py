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
    body: bytes = msgpack.packb(value, default=_pack_array, use_bin_type=True)
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


def _pack_array(value: Any) -> Any:
    if type(value).__module__ == "numpy":
        if hasattr(value, "shape") and value.shape != ():
            return msgpack.ExtType(
                _ARRAY, msgpack.packb((value.dtype.str, value.shape, value.tobytes()))
            )
        return value.item()
    raise TypeError(f"cannot send {type(value).__name__}")


def _unpack_array(code: int, data: bytes) -> Any:
    if code != _ARRAY:
        raise FrameError(f"unknown extension {code}")
    import numpy

    dtype, shape, raw = msgpack.unpackb(data)
    # A copy: frombuffer is read-only, and agents may change what they observed.
    return numpy.frombuffer(raw, dtype=dtype).reshape(shape).copy()


def _refuse_extension(code: int, data: bytes) -> Any:
    raise FrameError(f"extension {code} is not allowed here")
