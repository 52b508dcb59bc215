"""Why a side lost otherwise than by play."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The verdicts of the wire contract, by the names used in replays and events."""

    NONE = "none"
    LOAD_ERROR = "load_error"
    INIT_TIMEOUT = "init_timeout"
    MOVE_TIMEOUT = "move_timeout"
    BANK_EXHAUSTED = "bank_exhausted"
    MEMORY = "memory"
    PROCESS_LIMIT = "process_limit"
    DISK_LIMIT = "disk_limit"
    OUTPUT_LIMIT = "output_limit"
    INVALID_OUTPUT = "invalid_output"
    ILLEGAL_ACTION = "illegal_action"
    EXCEPTION = "exception"
    CRASH = "crash"
    PROTOCOL = "protocol"
    SECURITY = "security"
    PLATFORM_FAULT = "platform_fault"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Failure:
    """One agent's failure.

    message is one sentence for the agent's author. traceback is the tail of the Python traceback,
    empty when there is none; it is for the author alone and never part of a replay.
    """

    verdict: Verdict
    message: str
    traceback: str = ""
