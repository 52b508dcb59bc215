"""RunMatch, through a real server and real sandboxes."""

from __future__ import annotations

import json
import os
import sysconfig

import grpc
import pytest

from arena_executor.generated import executor_pb2 as pb
from conftest import FOLLOWER, IDLE, SLEEPER, eventually, refused, sha256, zipped

INVALID = grpc.StatusCode.INVALID_ARGUMENT


def test_a_match_is_played_and_ranked(executor):
    first, second = executor.agent(IDLE), executor.agent(FOLLOWER)

    response = executor.run(first, second, seed=7, attempt_id="try-1", record_replay=True)

    assert response.status == pb.STATUS_SUCCESS
    assert response.match_id == "match-1"
    assert response.attempt_id == "try-1"
    assert response.seed == 7
    assert response.winner_agent_id == second.agent_id
    assert [r.agent_id for r in response.agent_results] == [first.agent_id, second.agent_id]
    assert [r.rank for r in response.agent_results] == [2, 1]
    assert [r.verdict for r in response.agent_results] == [pb.NONE, pb.NONE]
    assert response.agent_results[0].score == -response.agent_results[1].score < 0
    assert response.environment_version == "rl-arena-0.1.2"
    assert not response.no_contest
    assert response.total_steps > 0
    assert response.execution_time_sec > 0
    assert response.replay_url == "replays/match-1.json"
    assert response.replay_html_url == "replays/match-1.html"


def test_the_seed_decides_the_game_and_is_drawn_if_absent(executor):
    agents = (executor.agent(IDLE), executor.agent(IDLE))

    same = [executor.run(*agents, seed=2**53 - 1) for _ in range(2)]
    drawn = executor.run(*agents)

    assert same[0].total_steps == same[1].total_steps
    assert [r.score for r in same[0].agent_results] == [r.score for r in same[1].agent_results]
    assert 0 < drawn.seed < 2**53
    assert drawn.replay_url == ""


def test_replays_and_logs_go_to_the_upload_urls(executor, store):
    loud = "print('hello')\n" + IDLE
    quiet = "import sys\nprint('no', file=sys.stderr)\ndef act(o):\n    raise ValueError('why')\n"
    agents = (executor.agent(loud, name="agent.py"), executor.agent(quiet))

    response = executor.run(
        *agents,
        attempt_id="try-2",
        record_replay=True,
        replay_upload_url=store.url("/r.json?signature=s"),
        replay_html_upload_url=store.url("/r.html?signature=s"),
        log_upload_url=store.url("/log.json"),
    )

    assert response.status == pb.STATUS_SUCCESS
    assert response.replay_url == store.url("/r.json")
    assert response.replay_html_url == store.url("/r.html")
    replay = store.objects["/r.json?signature=s"]
    assert sha256(replay) == response.replay_sha256
    seats = json.loads(replay)["metadata"]["agents"]
    assert seats[1]["verdict"] == "exception"
    assert [seat["code_sha256"] for seat in seats] == [
        sha256(loud.encode()),
        sha256(quiet.encode()),
    ]
    assert str(executor.code).encode() not in replay
    assert b"why" not in replay
    assert b"<canvas" in store.objects["/r.html?signature=s"]
    assert store.types["/r.html?signature=s"] == "text/html; charset=utf-8"
    log = json.loads(store.objects["/log.json"])
    assert (log["matchId"], log["attemptId"]) == ("match-1", "try-2")
    assert log["agents"][0] == {
        "agentId": agents[0].agent_id,
        "stdout": "hello\n",
        "stderr": "",
        "error": "",
    }
    assert log["agents"][1]["stderr"] == "no\n"
    assert "raise ValueError('why')" in log["agents"][1]["error"]
    assert response.agent_results[0].log_tail == "hello\n"


def test_a_failed_upload_is_the_platforms_fault(executor, store):
    response = executor.run(
        executor.agent(IDLE),
        executor.agent("def act(o):\n    return 9\n"),
        record_replay=True,
        replay_upload_url=store.url("/broken/r.json?signature=secret"),
    )

    assert response.status == pb.STATUS_ERROR
    assert "503" in response.error_message
    assert "secret" not in response.error_message
    assert {r.verdict for r in response.agent_results} == {pb.PLATFORM_FAULT}
    assert {r.rank for r in response.agent_results} == {0}


@pytest.mark.parametrize(
    ("source", "verdict", "text"),
    [
        ("def act(o:\n", pb.LOAD_ERROR, "Syntax error"),
        ("def act(o):\n    return 1 / 0\n", pb.EXCEPTION, "ZeroDivisionError"),
        ("def act(o):\n    return 7\n", pb.ILLEGAL_ACTION, "returned 7"),
        ("def act(o):\n    return 'up'\n", pb.INVALID_OUTPUT, "returned a str"),
        ("import os\ndef act(o):\n    os._exit(3)\n", pb.CRASH, "exit status 3"),
        ("def act(o):\n    x = bytearray(10**10)\n", pb.MEMORY, "MemoryError"),
        (SLEEPER, pb.MOVE_TIMEOUT, "more than 2 s"),
    ],
)
def test_who_fails_forfeits_and_the_other_wins(executor, source, verdict, text):
    bad, good = executor.agent(source), executor.agent(IDLE)

    response = executor.run(bad, good)

    assert response.status == pb.STATUS_SUCCESS
    assert response.winner_agent_id == good.agent_id
    results = response.agent_results
    assert [r.verdict for r in results] == [verdict, pb.NONE]
    assert [r.errors for r in results] == [1, 0]
    assert [r.rank for r in results] == [2, 1]
    assert text in results[0].error_message
    assert results[1].error_message == ""


def test_both_failing_at_load_is_no_contest(executor):
    response = executor.run(executor.agent("import nothing"), executor.agent("1/0"))

    assert response.status == pb.STATUS_SUCCESS
    assert response.no_contest
    assert response.winner_agent_id == ""
    assert [r.verdict for r in response.agent_results] == [pb.LOAD_ERROR, pb.LOAD_ERROR]


def test_the_deadline_of_the_request_holds(executor):
    slow = "import time\ndef act(o):\n    time.sleep(0.2)\n    return 1\n"

    response = executor.run(executor.agent(slow), executor.agent(IDLE), timeout_sec=3)

    assert response.status == pb.STATUS_SUCCESS
    assert response.execution_time_sec < 6
    # Two thirds of the match's time were its own moves'.
    assert response.agent_results[0].verdict == pb.MOVE_TIMEOUT
    assert response.agent_results[1].rank == 1


def test_a_bundle_for_somewhere_else_is_refused(executor):
    good = {"format": 1, "pythonMinor": executor.python_version, "platform": "any"}
    for change, text in [
        ({"pythonMinor": "2.7"}, "built for Python 2.7"),
        ({"platform": "win32"}, "built for win32"),
        ({"format": 2}, "format 2"),
        ({"format": None}, "does not name"),
    ]:
        manifest = json.dumps(good | change)
        bundle = zipped({"manifest.json": manifest, "code/agent.py": IDLE})
        with refused(INVALID, text):
            executor.run(executor.agent(bundle, name="b.zip"), executor.agent(IDLE))


def test_code_comes_as_zip_folder_bundle_or_url(executor, store):
    manifest = {
        "format": 1,
        "pythonMinor": executor.python_version,
        "platform": sysconfig.get_platform().replace("-", "_").replace(".", "_"),
        "entry": "agent.py",
        "wheels": [],
    }
    helper = "def choose():\n    return 1\n"
    using = "from helper import choose\ndef act(o):\n    return choose()\n"
    flat = executor.agent(zipped({"agent.py": using, "helper.py": helper}), name="flat.zip")
    nested = executor.agent(
        zipped({"mine/main.py": using, "mine/helper.py": helper}), name="nested.zip"
    )
    bundle = executor.agent(
        zipped(
            {
                "manifest.json": json.dumps(manifest),
                "code/agent.py": using,
                "packages/helper/__init__.py": helper,
            }
        ),
        name="bundle.zip",
    )
    folder = executor.agent(using)
    (executor.code / folder.code_url.split("/")[-2] / "helper.py").write_text(helper)
    folder.code_url = os.path.dirname(folder.code_url)
    store.objects["/agent.zip"] = zipped({"agent.py": using, "helper.py": helper})
    remote = pb.AgentData(
        agent_id="remote",
        code_url=store.url("/agent.zip"),
        metadata={"sha256": sha256(store.objects["/agent.zip"])},
    )
    idle = executor.agent(IDLE)

    for agent in (flat, nested, bundle, folder, remote):
        response = executor.run(agent, idle)
        assert response.status == pb.STATUS_SUCCESS, response
        assert response.agent_results[0].verdict == pb.NONE, response.agent_results[0]


def test_references_that_cannot_be_used_are_refused(executor, store, tmp_path):
    good = executor.agent(IDLE)
    outside = tmp_path / "agent.py"
    outside.write_text(IDLE)
    link = executor.code / "link.py"
    link.symlink_to(outside)
    folder = executor.code / "linked"
    folder.mkdir()
    (folder / "agent.py").symlink_to(outside)
    os.mkfifo(executor.code / "fifo.py")
    store.objects["/agent.py"] = IDLE.encode()
    digest = sha256(IDLE.encode())
    cases = [
        ("", {}, "neither an absolute path"),
        ("agent.py", {}, "neither an absolute path"),
        ("file:///etc/passwd", {}, "neither an absolute path"),
        (str(outside), {}, "outside the folders"),
        (f"{executor.code}/../{outside.name}", {}, "outside the folders"),
        ("/etc/shadow", {}, "outside the folders"),
        ("/no/such/file", {}, "outside the folders"),
        (str(link), {}, "outside the folders"),
        (str(folder), {}, "holds a link"),
        (str(executor.code / "fifo.py"), {}, "not a regular file"),
        (str(executor.code / "missing.py"), {}, "nothing behind"),
        (good.code_url, {"sha256": "0" * 64}, "does not match"),
        (good.code_url, {"sha256": "x"}, "not a lower-case SHA-256"),
        (store.url("/agent.py"), {}, "needs metadata.sha256"),
        (store.url("/agent.py"), {"sha256": "0" * 64}, "does not match"),
        ("http://169.254.169.254/latest", {"sha256": digest}, "not allowed"),
        ("http://127.0.0.1:1/x", {"sha256": digest}, "not allowed"),
        (f"http://user@{store.host}/agent.py", {"sha256": digest}, "plain http"),
    ]
    for url, metadata, text in cases:
        with refused(INVALID, text):
            executor.run(pb.AgentData(agent_id="bad", code_url=url, metadata=metadata), good)


def test_objects_that_cannot_be_fetched_are_the_platforms_fault(executor, store):
    good = executor.agent(IDLE)
    for path in ("/missing.py", "/moved/agent.py"):
        response = executor.run(
            pb.AgentData(agent_id="x", code_url=store.url(path), metadata={"sha256": "1" * 64}),
            good,
        )
        assert response.status == pb.STATUS_ERROR
        assert "cannot be read" in response.error_message


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"environment": "chess-boxing"}, "no environment 'chess-boxing'"),
        ({"match_id": ""}, "match_id"),
        ({"match_id": "../../etc/x"}, "match_id"),
        ({"match_id": "x" * 200}, "match_id"),
        ({"seed": 2**53}, "seed"),
        ({"replay_upload_url": "http://example.com/x"}, "upload URL"),
        ({"log_upload_url": "ftp://127.0.0.1/x"}, "upload URL"),
    ],
)
def test_requests_that_make_no_sense_are_refused(executor, fields, text):
    request = executor.match(executor.agent(IDLE), executor.agent(IDLE))
    request.MergeFrom(pb.MatchRequest(**fields))
    if "match_id" in fields:
        request.match_id = fields["match_id"]

    with refused(INVALID, text):
        executor.stub.RunMatch(request)


def test_the_number_and_names_of_agents_are_checked(executor):
    one, two = executor.agent(IDLE), executor.agent(IDLE)
    nameless = pb.AgentData(code_url=one.code_url)

    for agents in ((), (one,), (one, two, executor.agent(IDLE))):
        with refused(INVALID, "needs 2 agents"):
            executor.run(*agents)
    for agents in ((one, one), (one, nameless)):
        with refused(INVALID, "agent_id"):
            executor.run(*agents)


def test_beyond_the_slots_matches_wait_and_beyond_the_queue_they_are_refused(executor):
    agents = (executor.agent(SLEEPER), executor.agent(SLEEPER))
    calls = [
        executor.stub.RunMatch.future(executor.match(*agents, match_id=f"m{i}")) for i in range(3)
    ]
    eventually(lambda: health(executor).active_matches == 2)
    eventually(lambda: health(executor).queued_matches == 1)
    assert health(executor).queue_capacity == 1

    with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "2 slots are busy and 1 more wait"):
        executor.run(*agents)

    assert [call.result().no_contest for call in calls] == [True, True, True]
    eventually(lambda: health(executor).active_matches == 0)


def test_code_that_is_slow_to_come_keeps_no_slot(executor, store):
    # No other test has had it fetched and kept.
    code = b"# slow to come\n" + IDLE.encode()
    store.objects["/held/agent.py"] = code
    slow = pb.AgentData(
        agent_id="slow", code_url=store.url("/held/agent.py"), metadata={"sha256": sha256(code)}
    )
    late = executor.stub.RunMatch.future(executor.match(slow, executor.agent(IDLE), match_id="m0"))
    eventually(lambda: health(executor).queued_matches == 1)

    agents = (executor.agent(SLEEPER), executor.agent(SLEEPER))
    others = [
        executor.stub.RunMatch.future(executor.match(*agents, match_id=f"m{n}")) for n in (1, 2)
    ]

    eventually(lambda: health(executor).active_matches == 2)
    assert health(executor).queued_matches == 1
    store.released.set()
    assert late.result(100).status == pb.STATUS_SUCCESS
    assert [call.result(100).no_contest for call in others] == [True, True]


def test_a_caller_that_goes_away_leaves_the_queue(executor):
    agents = (executor.agent(SLEEPER), executor.agent(SLEEPER))
    calls = [
        executor.stub.RunMatch.future(executor.match(*agents, match_id=f"m{i}")) for i in range(3)
    ]
    eventually(lambda: health(executor).queued_matches == 1)

    for call in calls:
        call.cancel()

    eventually(lambda: health(executor).queued_matches == 0, seconds=5)
    eventually(lambda: health(executor).active_matches == 0, seconds=5)


def test_a_caller_that_goes_away_ends_its_match(executor):
    call = executor.stub.RunMatch.future(
        executor.match(executor.agent(SLEEPER), executor.agent(IDLE))
    )
    eventually(lambda: health(executor).active_matches == 1)

    call.cancel()

    eventually(lambda: health(executor).active_matches == 0, seconds=5)
    work = executor.server._work_dir
    assert not list(work.glob("match-*"))


def health(executor):
    return executor.stub.HealthCheck(pb.HealthCheckRequest())
