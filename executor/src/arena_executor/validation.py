"""What a validation game says to the author."""

from __future__ import annotations

from typing import Any

from arena.match import Rules

#: Enough steps to reach every kind of position, few enough to answer in seconds.
VALIDATION_RULES = Rules(match_seconds=30.0, max_steps=100)


def explain(result: dict[str, Any]) -> tuple[str, list[str], str]:
    """Verdict, one sentence per problem, and the log, from a runner's result.

    Both seats were played by the same agent, so the same problem is told once.
    """
    failed = [(n, seat) for n, seat in enumerate(result["seats"]) if seat["verdict"] != "none"]
    if not failed:
        return "none", [], "".join(seat["stdout"] + seat["stderr"] for seat in result["seats"])
    errors: dict[str, str] = {}
    for number, seat in failed:
        sentence = _sentence(seat["verdict"], seat["message"], result["steps"], number)
        errors.setdefault(seat["message"], sentence)
    first = failed[0][1]
    log = first["stdout"] + first["stderr"] + first["traceback"]
    return first["verdict"], list(errors.values()), log


def _sentence(verdict: str, message: str, steps: int, seat: int) -> str:
    turn = f"in step {steps + 1}, as player {seat}"
    match verdict:
        case "load_error" if message.startswith(("Syntax error", "Import error", "No agent")):
            return message
        case "load_error":
            return f"The agent could not be loaded. {_ended(message)}"
        case "init_timeout":
            return f"The agent took too long to load. {message}"
        case "exception":
            return f"The agent raised an exception {turn}: {_ended(message)}"
        case "move_timeout" | "bank_exhausted":
            return f"The agent did not answer in time {turn}. {message}"
        case "invalid_output" | "illegal_action":
            return f"The agent's action {turn} was refused. {message}"
        case _:
            return f"The agent failed {turn}. {_ended(message)}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
