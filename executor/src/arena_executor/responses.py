"""Turns a runner's result into the messages of the contract."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from arena.playing import Played
from arena_executor.generated import executor_pb2 as pb

_LOG_TAIL_BYTES = 4 * 1024


def match_response(request: Any, seed: int, played: Played) -> Any:
    result = played.result
    winner = result["winner"]
    return pb.MatchResponse(
        match_id=request.match_id,
        status=pb.STATUS_SUCCESS,
        winner_agent_id="" if winner is None else request.agents[winner].agent_id,
        agent_results=[
            pb.AgentResult(
                agent_id=agent.agent_id,
                score=seat["score"],
                errors=int(seat["verdict"] != "none"),
                error_message=seat["message"],
                rank=seat["rank"],
                verdict=pb.Verdict.Value(seat["verdict"].upper()),
                log_tail=tail(seat["stdout"] + seat["stderr"], _LOG_TAIL_BYTES),
            )
            for agent, seat in zip(request.agents, result["seats"], strict=True)
        ],
        total_steps=result["steps"],
        execution_time_sec=result["seconds"],
        environment_version=result["environment_version"],
        replay_sha256=(
            hashlib.sha256(played.replay_json).hexdigest() if played.replay_json else ""
        ),
        attempt_id=request.attempt_id,
        seed=seed,
        no_contest=result["no_contest"],
    )


def failed(request: Any, seed: int, status: int, message: str) -> Any:
    verdict = pb.CANCELLED if status == pb.STATUS_CANCELLED else pb.PLATFORM_FAULT
    return pb.MatchResponse(
        match_id=request.match_id,
        status=status,
        error_message=message,
        agent_results=[
            pb.AgentResult(agent_id=agent.agent_id, verdict=verdict) for agent in request.agents
        ],
        attempt_id=request.attempt_id,
        seed=seed,
    )


def logs(request: Any, played: Played) -> bytes:
    agents = [
        {
            "agentId": agent.agent_id,
            "stdout": seat["stdout"],
            "stderr": seat["stderr"],
            "error": "\n".join(part for part in (seat["message"], seat["traceback"]) if part),
        }
        for agent, seat in zip(request.agents, played.result["seats"], strict=True)
    ]
    document = {"matchId": request.match_id, "attemptId": request.attempt_id, "agents": agents}
    return json.dumps(document).encode()


def tail(text: str, limit: int) -> str:
    """The end of text, at most limit bytes of UTF-8."""
    return text.encode("utf-8", "replace")[-limit:].decode("utf-8", "ignore")
