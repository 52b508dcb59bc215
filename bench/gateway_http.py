"""What the gateway answers in a second, with wrk (the Debian package of that name).

./arena bench gateway_http [--agents 10000] [--users 50] [--seconds 5] [--rounds 3]
                           [--warm-up 180] [--only NAME] [--state DIR] [--port-offset N]

Run it on a suite of its own: it writes agents into the databases and does not take them away. More
processes are started beside the suite's, compiled as in the images: of each service that is asked
one, and two gateways, one that keeps answers and one that asks services each time. Their limits are
never reached. The gateways are asked in turns, so that what else the machine does is the same for
both. What is compiled is what was asked for often, so each thing is asked for until it gets no
faster. Every answer must be a 200 with the right body. Last come 200 log-ins a second, begun
whether or not those before are answered, while the other things are read; before that they come
alone, for as long as the longest warm-up of a thing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from arena_local import parts, processes
from arena_local.layout import POSTGRES_PORT, SERVICES, Layout
from arena_local.processes import ProcessId
from arena_local.secret_files import secret
from suite import Suite, wait_for
from user import User

SCRIPT = Path(__file__).with_suffix(".lua")
ENVIRONMENT = "bench-http"
LOGINS = 200  # a second
ENOUGH = 0.999
LOOK = 10  # seconds
FASTER = 1.05
GATEWAY = next(service for service in SERVICES if service.name == "gateway")
ASKED = ("auth-service", "agent-service", "submission-service", "match-service", "rating-service")
# The suite has these so that it starts fast and is small; the images have none of them.
LAPTOP = ("-XX:TieredStopAtLevel=", "-XX:ReservedCodeCacheSize=", "-Xmx")
# What half of the charts' limit comes to.
HEAP = "-Xmx256m"
NEVER_REACHED = {
    f"ARENA_GATEWAY_LIMITS_{name}_REQUESTS": "1000000000" for name in ("ADDRESS", "USER", "AUTH")
}
NEVER_WAITED = {
    f"ARENA_AUTH_THROTTLE_{name}": "1000000000"
    for name in ("FREE_TRIES", "FREE_TRIES_PER_ADDRESS", "ATTACK")
}
VARIANTS = {
    "asked each time": {"ARENA_GATEWAY_CACHE_LISTS": "0s", "ARENA_GATEWAY_CACHE_PROFILES": "0s"},
    "kept for a second": {},
}


@dataclass(frozen=True)
class Target:
    """What is asked for. requests: a line each for the Lua script, which tells the columns.

    start, text, absent: how each body must begin, and what it must hold and must not.
    kept: whether gateways may keep the answer.
    connections: log-ins wait for each other, and those of a round that has just ended still do;
      together they must not be too many.
    """

    name: str
    requests: list[str]
    start: str
    text: str
    absent: str = "-"
    kept: bool = True
    connections: int = 32


@dataclass(frozen=True)
class Round:
    """rate: right answers in a second. p50, p99: ms."""

    rate: float
    share: float
    p50: float
    p99: float


def main() -> int:
    options = arguments()
    if shutil.which("wrk") is None:
        print("gateway_http needs wrk: apt install wrk")
        return 1
    suite = Suite(Layout.of(options.state, options.port_offset))
    users = [User.register(suite, "http") for _ in range(options.users)]
    # Not those who read: so many sessions would end the ones they read with.
    crowd = [User.register(suite, "crowd") for _ in range(options.users)]
    populate(suite.layout, users, options.agents)
    every = targets(users, crowd, options.agents)
    chosen = [target for target in every if options.only in (None, target.name)]
    print(f"{options.agents} agents, {len(users)} users", flush=True)
    bad = False
    with gateways(suite) as urls:
        for target in chosen:
            variants = urls if target.kept else {"": next(iter(urls.values()))}
            bad |= measure(target, variants, options)
        if options.only == "flood":
            for target in every:
                for url in urls.values():
                    warm_up(target, url, options.warm_up)
        if options.only in (None, "flood"):
            warm_up_logins(urls.values(), crowd, options.warm_up)
            for target in every[:-1]:
                for variant, url in urls.items():
                    flood(target, variant, url, crowd, options.seconds)
    return int(bad)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--state")
    parser.add_argument("--port-offset", type=int)
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=5, help="of one round of one thing, to 60")
    parser.add_argument("--rounds", type=int, default=3, help="to 20")
    parser.add_argument(
        "--warm-up", type=int, default=180, help="at most so many seconds for each thing, to 600"
    )
    parser.add_argument("--only", choices=("leaderboard", "agents", "me", "login", "flood"))
    options = parser.parse_args()
    options.seconds = min(options.seconds, 60)
    options.rounds = min(options.rounds, 20)
    options.warm_up = min(options.warm_up, 600)
    return options


# --- what is there


AGENT_SERVICE = """
insert into owner (user_id, username, sequence)
select {owner}, 'bench_' || n %% 100, 0 from generate_series(1, %(agents)s) n
on conflict do nothing;
insert into agent (id, user_id, name, description, environment_id, enabled, sequence, created_at,
  updated_at, elo, wins, losses, draws, rating_sequence, active_submission_id, activation_sequence,
  search_text)
select {agent}, {owner}, 'Bench ' || n, 'one of many', %(environment)s, true, 1, {created},
  {created}, {elo}, n %% 40, n %% 30, n %% 5, n %% 40 + n %% 30 + n %% 5, {version}, 1,
  'bench ' || n || chr(10) || 'one of many'
from generate_series(1, %(agents)s) n
on conflict (id) do update set user_id = excluded.user_id;
"""
RATING_SERVICE = """
insert into known_user (id, sequence, username, deleted)
select {owner}, 0, 'bench_' || n %% 100, false from generate_series(1, %(agents)s) n
on conflict do nothing;
insert into known_agent (id, sequence, owner_id, name, description, environment_id, created_at,
  updated_at, deleted)
select {agent}, 1, {owner}, 'Bench ' || n, 'one of many', %(environment)s, {created}, {created},
  false
from generate_series(1, %(agents)s) n
on conflict (id) do update set owner_id = excluded.owner_id;
insert into active_submission (agent_id, sequence, submission_id, active)
select {agent}, 1, {version}, true from generate_series(1, %(agents)s) n
on conflict do nothing;
insert into rating (agent_id, environment_id, owner_id, elo, wins, losses, draws)
select {agent}, %(environment)s, {owner}, {elo}, n %% 40, n %% 30, n %% 5
from generate_series(1, %(agents)s) n where n %% 5 > 0
on conflict do nothing;
"""
EXPRESSIONS = {
    "agent": "md5('bench agent ' || n)::uuid",
    # the first agents are the users' own, two each; others belong to a hundred who never call
    "owner": "coalesce((%(users)s::uuid[])[(n + 1) / 2], md5('bench owner ' || n %% 100)::uuid)",
    "version": "md5('bench version ' || n)::uuid",
    "created": "timestamptz '2026-01-01' + n * interval '1 minute'",
    # every fifth never played
    "elo": "case when n %% 5 = 0 then 1200 else 800 + n * 7919 %% 801 end",
}


def populate(layout: Layout, users: list[User], agents: int) -> None:
    for database, statements in (
        ("agent_service", AGENT_SERVICE),
        ("rating_service", RATING_SERVICE),
    ):
        values = {
            "agents": agents,
            "environment": ENVIRONMENT,
            "users": [user.id for user in users],
        }
        filled = statements.format(**EXPRESSIONS)
        with psycopg.connect(
            host="127.0.0.1",
            port=layout.port(POSTGRES_PORT),
            user=parts.DATABASE_USER,
            password=secret(layout, "postgres-password"),
            dbname=database,
            autocommit=True,
        ) as session:
            for statement in filled.split(";\n"):
                if statement.strip():
                    session.execute(statement, values)
            session.execute("vacuum analyze")


def targets(users: list[User], crowd: list[User], agents: int) -> list[Target]:
    bearers = [f"Bearer {user.token}" for user in users]
    logins = [json.dumps({"username": u.username, "password": u.password}) for u in crowd]
    board = f"/api/v1/leaderboard/environment/{ENVIRONMENT}?limit=20"
    listed = f"/api/v1/agents?environmentId={ENVIRONMENT}"
    total = f'"total":{agents},'
    return [
        Target("leaderboard", [line("GET", board)], f'{{"environmentId":"{ENVIRONMENT}"', total),
        Target("agents", [line("GET", listed)], '{"agents":[{', total),
        Target(
            "me",
            [line("GET", "/api/v1/users/me", bearer) for bearer in bearers],
            "{",
            '"bestRank":',
            absent='"partial"',
        ),
        Target(
            "login",
            [line("POST", "/api/v1/auth/login", body=body) for body in logins],
            "{",
            '"token":"',
            kept=False,
            connections=16,
        ),
    ]


def line(method: str, path: str, authorization: str = "", body: str = "") -> str:
    return "\t".join((method, path, authorization, body))


@contextmanager
def gateways(suite: Suite) -> Iterator[dict[str, str]]:
    """The address of a gateway for each variant; all ask the same services."""
    with ExitStack() as stack:
        addresses = {}
        for service in SERVICES:
            if service.name in ASKED:
                variable = f"ARENA_GATEWAY_SERVICES_{service.name.upper().replace('-', '_')}"
                addresses[variable] = stack.enter_context(
                    running(suite, parts.replica(suite.layout, service, 2), NEVER_WAITED)
                )
        urls = {}
        for number, (name, settings) in enumerate(VARIANTS.items(), 2):
            part = parts.replica(suite.layout, GATEWAY, number)
            urls[name] = stack.enter_context(
                running(suite, part, addresses | NEVER_REACHED | settings)
            )
        yield urls


@contextmanager
def running(suite: Suite, part: parts.Part, settings: dict[str, str]) -> Iterator[str]:
    """Its address, once it is ready."""
    environment = part.environment | settings
    with suite.layout.log_of(part.name).open("ab") as log:
        process = subprocess.Popen(
            as_in_images(part.command),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=suite.layout.state,
        )
    try:
        wait_for(f"{part.name} to be ready", part.is_ready, 180)
        yield f"http://127.0.0.1:{environment['QUARKUS_HTTP_PORT']}"
    finally:
        processes.end([ProcessId.of(process.pid)], grace=10)
        process.wait()


def as_in_images(command: list[str]) -> list[str]:
    java, *options = command
    return [java, HEAP, *(word for word in options if not word.startswith(LAPTOP))]


# --- how fast it is


def measure(target: Target, urls: dict[str, str], options: argparse.Namespace) -> bool:
    """Prints the medians of all rounds; whether too many answers were wrong."""
    rounds: dict[str, list[Round]] = {name: [] for name in urls}
    for url in urls.values():
        warm_up(target, url, options.warm_up)
    before = machine_load()
    for _ in range(options.rounds):
        for name, url in urls.items():
            rounds[name].append(load(target, url, options.seconds))
    for name, done in rounds.items():
        print(
            f"{target.name}{name and ', '}{name}: {statistics.median(r.rate for r in done):.0f}/s"
            f" (of {', '.join(f'{r.rate:.0f}' for r in done)}),"
            f" p50 {statistics.median(r.p50 for r in done):.1f} ms,"
            f" p99 {statistics.median(r.p99 for r in done):.1f} ms,"
            f" right {min(r.share for r in done):.3%}, load {before} to {machine_load()}",
            flush=True,
        )
    return any(r.share < ENOUGH for done in rounds.values() for r in done)


def warm_up(target: Target, url: str, most: int) -> None:
    """Asks until three looks in a row were no faster than the best before, or time is up."""
    best, slower = 0.0, 0
    for _ in range(most // LOOK):
        rate = load(target, url, LOOK).rate
        slower = slower + 1 if rate < FASTER * best else 0
        best = max(best, rate)
        if slower == 3:
            return


def load(target: Target, url: str, seconds: int) -> Round:
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
        file.write("".join(f"{request}\n" for request in target.requests))
        file.flush()
        command = ["wrk", "-t2", f"-c{target.connections}", f"-d{seconds}s", "--timeout", "10s"]
        command += [
            "-s",
            str(SCRIPT),
            url,
            "--",
            file.name,
            target.start,
            target.text,
            target.absent,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    found = [text for text in done.stdout.splitlines() if text.startswith("RESULT ")]
    if not found:
        raise SystemExit(f"wrk failed: {done.stdout}{done.stderr}")
    result = json.loads(found[0].removeprefix("RESULT "))
    asked = result["right"] + result["wrong"] + result["lost"]
    if result["wrong"] or result["lost"]:
        print(f"  {result['wrong']} wrong, {result['lost']} lost; first: {result['first']}")
    return Round(
        result["right"] / result["seconds"],
        result["right"] / asked if asked else 0.0,
        result["p50"],
        result["p99"],
    )


def machine_load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


# --- log-ins meanwhile


def warm_up_logins(urls: Iterable[str], crowd: list[User], seconds: int) -> None:
    """Through all gateways at once: what is refused has code of its own to be compiled."""
    print("log-ins before it is measured:", flush=True)
    for process in [begin_flood(url, crowd, seconds) for url in urls]:
        print(f"  {said_by(process, seconds)}", flush=True)


def flood(target: Target, variant: str, url: str, crowd: list[User], seconds: int) -> None:
    """Reads alone, then with log-ins, then alone again."""
    before = load(target, url, seconds)
    process = begin_flood(url, crowd, seconds + 2)
    time.sleep(1)  # log-ins are under way
    during = load(target, url, seconds)
    said = said_by(process, seconds)
    after = load(target, url, seconds)
    base = statistics.mean((before.p99, after.p99))
    print(
        f"{target.name}, {variant}, {LOGINS} log-ins a second meanwhile:"
        f" p99 {during.p99:.1f} ms, without {before.p99:.1f} and {after.p99:.1f} ms"
        f" ({during.p99 / base:.1f} times), {during.rate:.0f}/s, without {before.rate:.0f}"
        f" and {after.rate:.0f}/s; log-ins: {said}; load {machine_load()}",
        flush=True,
    )


def begin_flood(url: str, crowd: list[User], seconds: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, __file__, "--flood", url, str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    bodies = [{"username": user.username, "password": user.password} for user in crowd]
    process.stdin.write(json.dumps(bodies) + "\n")
    process.stdin.flush()
    return process


def said_by(process: subprocess.Popen[str], seconds: int) -> str:
    """How many log-ins were answered in which way, once they are over."""
    said, _ = process.communicate(timeout=seconds + 60)
    return said.strip()


def run_flood(url: str, seconds: float) -> None:
    """Begins log-ins at their rate, whatever becomes of them; tells the statuses."""
    bodies = [json.dumps(body).encode() for body in json.loads(sys.stdin.readline())]
    print(asyncio.run(begin_logins(url, bodies, seconds)))


async def begin_logins(url: str, bodies: list[bytes], seconds: float) -> str:
    statuses: Counter[str] = Counter()
    begun = time.monotonic()
    tasks = []
    for number in range(int(LOGINS * seconds)):
        await asyncio.sleep(max(0.0, begun + number / LOGINS - time.monotonic()))
        body = bodies[number % len(bodies)]
        tasks.append(asyncio.create_task(login(url, body, statuses)))
    await asyncio.wait(tasks, timeout=10)
    return ", ".join(f"{n} answered {status}" for status, n in sorted(statuses.items()))


async def login(url: str, body: bytes, statuses: Counter[str]) -> None:
    """By hand: a client library's own work would be in the way of what is measured."""
    address = urlsplit(url)
    try:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        status = (await reader.readline()).split()[1].decode()
        await reader.read()
        writer.close()
    except (OSError, IndexError):
        status = "nothing"
    statuses[status] += 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--flood"]:
        run_flood(sys.argv[2], float(sys.argv[3]))
    else:
        sys.exit(main())
