"""`./arena demo`: the main job, from Python files to ranked agents, shown as it happens."""

from __future__ import annotations

import contextlib
import secrets
import signal
import threading
import time
from dataclasses import dataclass, field

from . import build, commands
from .api import Api, ApiError, Json
from .layout import ROOT, Layout

# The environments shown, their samples from weakest to strongest as python/samples/README says.
LADDERS = {
    "pong": ("idle", "random_walk", "sleepy_follower", "predictor"),
    "connect-four": ("random_mover", "center_first", "opportunist", "alpha_beta"),
}
USERS = ("ada", "bela", "chen", "dana")
MATCHES_WANTED = 12
# With fewer games the strongest sample may not have met the others often enough to lead.
GAMES_PER_AGENT = 8
BUILD_LIMIT = 120.0
PLAY_LIMIT = 300.0
FINAL_STATES = ("active", "inactive", "build_failed")


@dataclass
class Entry:
    """One agent of this run of the demo."""

    api: Api
    name: str
    environment: str
    sample: str
    agent_id: str
    submission_id: str
    state: str = "pending"
    message: str = ""


@dataclass
class Played:
    """What became of a run of the demo. failures: what was not as it should be, in words."""

    entries: list[Entry]
    matches: list[Json] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def run(layout: Layout, leave: bool) -> int:
    """Exit status 0 only if everything was built, played and ranked as it should be."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    started_here = False
    try:
        if not commands.running(layout):
            layout.make_folders()
            build.build_all()
            started_here = True
            print("Starting the suite ...", flush=True)
            begun = time.monotonic()
            commands.start_detached(layout)
            print(f"all parts were ready after {time.monotonic() - begun:.1f} s", flush=True)
        failures = play(layout.gateway_url).failures
        for failure in failures:
            print(f"FAILED: {failure}")
        if not leave:
            _wait_for_interrupt()
        return 1 if failures else 0
    except ApiError as error:
        print(f"arena: the suite refused a step of the demo: {error}")
        return 1
    finally:
        if started_here:
            # Whoever read our output may be gone (./arena demo | head): the suite ends anyway.
            with contextlib.suppress(BrokenPipeError):
                print("\nStopping the suite ...", flush=True)
            # An impatient second Ctrl-C must not leave half a suite behind.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            commands.down(layout)


def _wait_for_interrupt() -> None:
    print("\nThe suite keeps running and playing; Ctrl-C ends the demo.", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


def play(base_url: str) -> Played:
    """The demo with the suite whose gateway is at that address."""
    begun = time.monotonic()
    entries, broken = _enter(base_url)
    failures = []
    if not _await_builds([*entries, broken]):
        failures.append(f"not every build ended within {BUILD_LIMIT:.0f} s")
    failures += [
        f"{entry.name} ({entry.sample}, {entry.environment}) is {entry.state}: {entry.message}"
        for entry in entries
        if entry.state != "active"
    ]
    if broken.state != "build_failed" or not broken.message:
        failures.append(f"the broken agent is {broken.state}, not build_failed with a message")
    matches: list[Json] = []
    if not failures:
        matches = _await_matches(entries, begun)
        if len(matches) < MATCHES_WANTED:
            failures.append(f"{len(matches)} matches in {PLAY_LIMIT:.0f} s, not {MATCHES_WANTED}")
        for environment, samples in LADDERS.items():
            failures += _show_leaderboard(entries, environment, samples[-1])
    _show_links(base_url, broken, matches, failures)
    return Played(entries, matches, failures)


def _enter(base_url: str) -> tuple[list[Entry], Entry]:
    """Registers the users, creates their agents and submits the samples."""
    # Names of their own for each run, so that the demo can run again on the same data.
    run_id = secrets.token_hex(3)
    print("\nUsers and agents")
    entries = []
    apis = []
    for place, user in enumerate(USERS):
        api = Api(base_url)
        name = f"{user}_{run_id}"
        registration = {
            "username": name,
            "email": f"{name}@example.org",
            "password": secrets.token_urlsafe(12),
            "fullName": user.capitalize(),
        }
        api.token = api.post("/api/v1/auth/register", registration)["token"]
        apis.append(api)
        for environment, samples in LADDERS.items():
            entries.append(_submit(api, user, run_id, environment, samples[place]))
    broken = _submit(apis[0], USERS[0], run_id, "pong", "broken")
    return entries, broken


def _submit(api: Api, user: str, run_id: str, environment: str, sample: str) -> Entry:
    name = f"{user}-{sample.replace('_', '-')}-{run_id}"
    description = f"Sample agent {sample}"
    body = {"name": name, "description": description, "environmentId": environment}
    agent_id = api.post("/api/v1/agents", body)["agent"]["id"]
    file = ROOT / "python" / "samples" / environment / f"{sample}.py"
    submission = api.upload("/api/v1/submissions", {"agentId": agent_id}, file)["submission"]
    print(f"  {user:<6} submits {environment}/{file.name:<20} as {name}", flush=True)
    return Entry(api, name, environment, sample, agent_id, submission["id"])


def _await_builds(entries: list[Entry]) -> bool:
    """Shows each change of state until all builds have ended; False when they take too long."""
    print("\nBuilds")
    begun = time.monotonic()
    while time.monotonic() - begun < BUILD_LIMIT:
        for entry in (entry for entry in entries if entry.state not in FINAL_STATES):
            row = entry.api.get(f"/api/v1/submissions/{entry.submission_id}")["submission"]
            entry.message = row.get("errorMessage") or ""
            if row["status"] != entry.state:
                entry.state = row["status"]
                seconds = time.monotonic() - begun
                print(f"  {seconds:5.1f} s  {entry.name:<34} {entry.state}", flush=True)
        if all(entry.state in FINAL_STATES for entry in entries):
            return True
        time.sleep(0.3)
    return False


def _await_matches(entries: list[Entry], begun: float) -> list[Json]:
    """Shows matches as they end, until enough are played and rated; returns those finished.

    begun: when the suite was ready, from where times are counted.
    """
    print("\nMatches")
    deadline = time.monotonic() + PLAY_LIMIT
    reached: dict[int, float] = {}
    names = {entry.agent_id: entry.name for entry in entries}
    shown: dict[str, Json] = {}
    while time.monotonic() < deadline:
        for entry in entries:
            path = f"/api/v1/matches/agent/{entry.agent_id}?pageSize=100"
            for match in reversed(entry.api.get(path)["matches"]):
                if match["id"] not in shown:
                    shown[match["id"]] = match
                    reached[len(shown)] = time.monotonic() - begun
                    _show_match(match, names, reached[len(shown)])
        fewest = min(_rated_games(entry) for entry in entries)
        if len(shown) >= MATCHES_WANTED and fewest >= GAMES_PER_AGENT:
            break
        time.sleep(0.7)
    if len(shown) >= MATCHES_WANTED:
        print(f"first match after {reached[1]:.1f} s", end=", ")
        print(f"{MATCHES_WANTED} matches after {reached[MATCHES_WANTED]:.1f} s")
    return list(shown.values())


def _rated_games(entry: Entry) -> int:
    agent = entry.api.get(f"/api/v1/agents/{entry.agent_id}")["agent"]
    return int(agent["totalMatches"])


def _show_match(match: Json, names: dict[str, str], seconds: float) -> None:
    first, second = match["agent1Id"], match["agent2Id"]
    pair = f"{names.get(first, first)} - {names.get(second, second)}"
    winner = match.get("winnerId")
    result = f"won by {names.get(winner, winner)}" if winner else "drawn"
    scores = f"{match.get('agent1Score', 0):g} : {match.get('agent2Score', 0):g}"
    print(
        f"  {seconds:5.1f} s  {match['environmentId']:<13} {pair}  {scores}, {result}", flush=True
    )


def _show_leaderboard(entries: list[Entry], environment: str, strongest: str) -> list[str]:
    """Prints a board; what is wrong with it among the agents of this run."""
    own = {entry.agent_id: entry for entry in entries if entry.environment == environment}
    path = f"/api/v1/leaderboard/environment/{environment}?limit=100"
    board = entries[0].api.get(path)["leaderboard"]
    print(f"\nLeaderboard of {environment}")
    print(f"  {'rank':>4}  {'agent':<34} {'rating':>6} {'won':>5} {'lost':>5} {'drawn':>5}")
    for row in board[:20]:
        print(
            f"  {row['rank']:>4}  {row['name']:<34} {row['elo']:>6}"
            f" {row['wins']:>5} {row['losses']:>5} {row['draws']:>5}"
        )
    ranked = [row for row in board if row["id"] in own]
    if len(ranked) < len(own):
        return [f"only {len(ranked)} of {len(own)} agents are on the board of {environment}"]
    leader = own[ranked[0]["id"]]
    if leader.sample != strongest or ranked[0]["elo"] == ranked[1]["elo"]:
        return [f"{leader.name} leads {environment}, not {strongest} alone"]
    return []


def _show_links(base: str, broken: Entry, matches: list[Json], failures: list[str]) -> None:
    print(f"\nThe broken agent ({broken.name}) is told:\n  {broken.message}")
    if matches:
        path = f"/api/v1/matches/{matches[-1]['id']}/replay?format=html"
        if "<html" not in Api(base).text(path).lower():
            failures.append("the replay is not an HTML page")
        print(f"\nA replay:    {base}{path}")
    print(f"Swagger UI:  {base}/swagger/index.html")
