"""The executor, asked directly for what it must refuse."""

from __future__ import annotations

import grpc
import pytest

from arena_executor.generated import executor_pb2, executor_pb2_grpc
from arena_local.layout import EXECUTOR_PORT
from suite import Suite, wait_for


@pytest.mark.parametrize(
    "code_url",
    [
        "/etc/passwd",
        "{objects}/bundles/../../secrets/postgres-password",
        "{objects}/bundles/missing.zip",
        "relative.zip",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/agent.zip",
        "",
        "a\0b",
    ],
)
def test_should_refuse_code_outside_its_roots(suite: Suite, code_url: str):
    # Given
    url = code_url.format(objects=suite.layout.objects)
    agents = [executor_pb2.AgentData(agent_id=name, code_url=url) for name in ("a", "b")]
    request = executor_pb2.MatchRequest(match_id="m", environment="tic-tac-toe", agents=agents)
    address = f"127.0.0.1:{suite.layout.port(EXECUTOR_PORT)}"
    with grpc.insecure_channel(address) as channel:
        executor = executor_pb2_grpc.ExecutorStub(channel)

        def refusal() -> grpc.RpcError | None:
            with pytest.raises(grpc.RpcError) as refused:
                executor.RunMatch(request, timeout=30)
            # Agents of other tests may hold all slots at the moment; that is no answer yet.
            busy = refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            return None if busy else refused.value

        # When
        error = wait_for("a free slot", refusal, 120)
    # Then
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert error.details()
    assert "Traceback" not in error.details()
