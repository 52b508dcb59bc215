"""The rules of a match: turns, time, forfeits, ranks. Knows nothing of processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from arena.agent_process import UNMEASURED_SECONDS
from arena.agents import Answer, Overdue, Reply
from arena.environments import Environment, EnvironmentSpec
from arena.verdict import Failure, Verdict


@dataclass(frozen=True)
class Rules:
    """Time and length of a match; seconds.

    A move may take move_seconds; what it takes beyond comes from the seat's bank of bank_seconds
    for the whole match. No single move may take more than move_limit_seconds. load_seconds is for
    importing and constructing the agent. match_seconds is for everything. max_steps, if set, cuts
    the game before the environment's own limit does.
    """

    move_seconds: float = 1.0
    move_limit_seconds: float = 5.0
    bank_seconds: float = 30.0
    load_seconds: float = 30.0
    match_seconds: float = 300.0
    max_steps: int | None = None

    def within(self, spec: EnvironmentSpec) -> Rules:
        """With the budgets of a game that is stricter than these rules."""

        def stricter(own: float, games: float | None) -> float:
            return own if games is None else min(own, games)

        return replace(
            self,
            move_seconds=stricter(self.move_seconds, spec.move_seconds),
            bank_seconds=stricter(self.bank_seconds, spec.bank_seconds),
            load_seconds=stricter(self.load_seconds, spec.load_seconds),
        )


class Table(Protocol):
    """Those who are asked; AgentGroup, or a fake in tests. Seats are numbered from 0.

    ask() is called once for each step, with no observations if only stand-ins are to move.
    """

    def load(self, limit_seconds: float, deadline: float) -> dict[int, Reply]: ...

    def ask(
        self, observations: Mapping[int, Any], limits: Mapping[int, float], deadline: float
    ) -> dict[int, Reply]: ...


class Frame(NamedTuple):
    """One step: the actions and times that led to it, and the state after it. JSON values.

    actions includes what stands in for seats that have forfeited; move_seconds does not.
    observations is empty for games that do not record them.
    """

    number: int
    timestamp: float
    observations: list[Any]
    actions: dict[int, int]
    rewards: list[float]
    done: bool
    info: dict[str, Any]
    move_seconds: dict[int, float]


@dataclass
class SeatResult:
    """score is the sum of rewards; rank 1 is best and equal ranks are a tie.

    failed_at is the step in which the seat failed, counted from 0; -1 for failing to load.
    """

    score: float = 0.0
    rank: int = 1
    failure: Failure | None = None
    failed_at: int | None = None
    seconds: float = 0.0


@dataclass
class MatchResult:
    """winner is a seat, None for a draw or no contest. cut: the deadline ended the game."""

    seats: list[SeatResult]
    initial_info: dict[str, Any]
    initial_observations: list[Any]
    frames: list[Frame] = field(default_factory=list)
    steps: int = 0
    winner: int | None = None
    no_contest: bool = False
    cut: bool = False


def play(
    environment: Environment,
    table: Table,
    rules: Rules,
    seed: int,
    seats: int,
    record: bool = True,
    clock: Callable[[], float] = time.monotonic,
    wall_clock: Callable[[], float] = time.time,
) -> MatchResult:
    """Plays one match to its end.

    A seat that fails is out. Of two, the other wins. Of more, the rest play on if the game can go
    on without it (Environment.stand_in), until one is left or the game ends; those who are out come
    last, the first of them very last. If every seat fails in the same step, or every seat fails to
    load, there is no contest.
    """
    rules = rules.within(environment.spec)
    deadline = clock() + rules.match_seconds
    environment.reset(seed, seats)
    observing = range(seats) if environment.spec.records_observations else ()
    result = MatchResult(
        [SeatResult() for _ in range(seats)],
        environment.frame_info(),
        [_plain(environment.observation(seat)) for seat in observing],
    )
    referee = _Referee(environment, table, rules, result, deadline, clock)
    if referee.load():
        limit = rules.max_steps
        while not environment.over and (limit is None or result.steps < limit):
            if clock() >= deadline:
                referee.cut()
                break
            moves = referee.collect_moves()
            if moves is None:
                break
            rewards = environment.step(moves.actions)
            for seat, reward in zip(result.seats, rewards, strict=True):
                seat.score += reward
            if record:
                result.frames.append(
                    Frame(
                        number=result.steps,
                        timestamp=wall_clock(),
                        observations=[_plain(environment.observation(s)) for s in observing],
                        actions=moves.actions,
                        rewards=list(rewards),
                        done=environment.over,
                        info=environment.frame_info(),
                        move_seconds=moves.seconds,
                    )
                )
            result.steps += 1
    _rank(result)
    return result


class _Moves(NamedTuple):
    actions: dict[int, int]
    seconds: dict[int, float]


@dataclass
class _Referee:
    environment: Environment
    table: Table
    rules: Rules
    result: MatchResult
    deadline: float
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        self.banks = [self.rules.bank_seconds] * len(self.result.seats)
        self.limits = [self._limit(seat) for seat in range(len(self.result.seats))]
        self.thinking = [0.0] * len(self.result.seats)

    def load(self) -> bool:
        """Whether there is a game to play."""
        failures = {}
        for seat, reply in self.table.load(self.rules.load_seconds, self.deadline).items():
            if isinstance(reply, Failure):
                failures[seat] = reply
            elif isinstance(reply, Overdue):
                failures[seat] = Failure(
                    Verdict.INIT_TIMEOUT,
                    f"Loading it took more than {_seconds(reply.seconds)} s.",
                )
        return not self._settle(failures, step=-1)

    def collect_moves(self) -> _Moves | None:
        """The actions of this step; None if the match is over without it."""
        rules = self.rules
        to_move = self.environment.to_move()
        asked = [seat for seat in to_move if self.result.seats[seat].failure is None]
        limits = {seat: self.limits[seat] for seat in asked}
        observations = {seat: self.environment.observation(seat) for seat in asked}
        replies = self.table.ask(observations, limits, self.deadline)
        actions: dict[int, int] = {}
        seconds: dict[int, float] = {}
        failures: dict[int, Failure] = {}
        cut = False
        for seat in asked:
            reply = replies[seat]
            if isinstance(reply, Failure):
                failures[seat] = reply
                continue
            seconds[seat] = int(reply.seconds * 1e6) / 1e6
            self.result.seats[seat].seconds += reply.seconds
            if reply.seconds >= UNMEASURED_SECONDS:
                self.thinking[seat] += reply.seconds
            if isinstance(reply, Overdue):
                if failure := self._judge_overdue(seat, reply, limits[seat]):
                    failures[seat] = failure
                else:
                    cut = True
                continue
            over = reply.seconds - rules.move_seconds
            if over > 0:
                self.banks[seat] = max(0.0, self.banks[seat] - over)
                self.limits[seat] = self._limit(seat)
            action = parse_action(reply, self.environment.action_count)
            if isinstance(action, Failure):
                failures[seat] = action
            elif reason := self.environment.illegal_reason(seat, action):
                failures[seat] = Failure(
                    Verdict.ILLEGAL_ACTION, f"It played an illegal action: {reason}."
                )
            else:
                actions[seat] = action
        if failures and self._settle(failures, step=self.result.steps):
            return None
        if cut:
            self.result.cut = True
            return None
        for seat in to_move:
            if self.result.seats[seat].failure is not None:
                stand_in = self.environment.stand_in(seat)
                if stand_in is None:
                    return None
                actions[seat] = stand_in
        return _Moves(actions, seconds)

    def cut(self) -> None:
        """The deadline has passed between two moves."""
        self.result.cut = True
        slow = {
            seat: self._out_of_time()
            for seat, seconds in enumerate(self.thinking)
            if seconds >= self._share() and self.result.seats[seat].failure is None
        }
        self._settle(slow, step=self.result.steps)

    def _limit(self, seat: int) -> float:
        """What the seat's next move may take at most."""
        rules = self.rules
        return min(rules.move_limit_seconds, rules.move_seconds + self.banks[seat])

    def _judge_overdue(self, seat: int, reply: Overdue, limit: float) -> Failure | None:
        if reply.at_deadline:
            used_up = self.thinking[seat] >= self._share()
            return (
                self._out_of_time() if used_up or reply.seconds > self.rules.move_seconds else None
            )
        if limit >= self.rules.move_limit_seconds:
            return Failure(Verdict.MOVE_TIMEOUT, f"A move took more than {_seconds(limit)} s.")
        return Failure(
            Verdict.BANK_EXHAUSTED,
            f"Its moves took more than {_seconds(self.rules.move_seconds)} s each and used up the "
            f"{_seconds(self.rules.bank_seconds)} s kept for that.",
        )

    def _share(self) -> float:
        """The part of the match's time that is a seat's own."""
        return self.rules.match_seconds / len(self.result.seats)

    def _out_of_time(self) -> Failure:
        return Failure(
            Verdict.MOVE_TIMEOUT,
            f"It used up its share of the match's {_seconds(self.rules.match_seconds)} s.",
        )

    def _settle(self, failures: Mapping[int, Failure], step: int) -> bool:
        """Notes failures; whether they end the match."""
        seats = self.result.seats
        for seat, failure in failures.items():
            seats[seat].failure, seats[seat].failed_at = failure, step
        # Only where several act together can all fail.
        self.result.no_contest = len(failures) == len(seats)
        left = sum(seat.failure is None for seat in seats)
        return bool(failures) and left < 2


def parse_action(answer: Answer, count: int) -> int | Failure:
    """The action of an answer in a space of count actions, numbered from 0."""
    kind, value = answer.value or ("other", "nothing")
    if kind != "int" or type(value) is not int:
        what = value if kind == "other" and isinstance(value, str) else "something else"
        return Failure(
            Verdict.INVALID_OUTPUT,
            f"It returned {_with_article(what[:200])}; an integer from 0 to {count - 1} is needed.",
        )
    if not 0 <= value < count:
        shown = str(value) if abs(value) < 1 << 62 else "an integer of more than 62 bits"
        return Failure(Verdict.ILLEGAL_ACTION, f"It returned {shown}; allowed is 0 to {count - 1}.")
    return value


def _rank(result: MatchResult) -> None:
    """Failed seats come last, whatever they scored, the first to fail behind the later ones; the
    others by their reward sums."""
    if result.no_contest:
        return
    order = [
        (seat.failed_at is None, seat.score if seat.failed_at is None else seat.failed_at)
        for seat in result.seats
    ]
    for seat, own in zip(result.seats, order, strict=True):
        seat.rank = 1 + sum(other > own for other in order)
    best = [number for number, seat in enumerate(result.seats) if seat.rank == 1]
    if len(best) == 1:
        result.winner = best[0]


def _plain(observation: Any) -> Any:
    """An observation as JSON values."""
    if isinstance(observation, dict):
        return {key: _plain(value) for key, value in observation.items()}
    if hasattr(observation, "tolist"):
        return observation.tolist()
    return observation


def _seconds(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _with_article(type_name: str) -> str:
    if type_name in ("NoneType", "nothing"):
        return "None"
    return ("an " if type_name[:1].lower() in "aeiou" else "a ") + type_name


def summarise(
    result: MatchResult, outputs: Sequence[tuple[str, str]], seconds: float, version: str
) -> dict[str, Any]:
    """A match in JSON values, as whoever asked for it gets it.

    outputs: the end of what each seat printed to stdout and stderr; seconds: how long the match
    took; version: that of the environment.
    """
    return {
        "winner": result.winner,
        "no_contest": result.no_contest,
        "cut": result.cut,
        "steps": result.steps,
        "seconds": seconds,
        "environment_version": version,
        "seats": [
            {
                "score": seat.score,
                "rank": seat.rank,
                "seconds": seat.seconds,
                "verdict": seat.failure.verdict if seat.failure else Verdict.NONE,
                "message": seat.failure.message if seat.failure else "",
                "traceback": seat.failure.traceback if seat.failure else "",
                "stdout": stdout,
                "stderr": stderr,
            }
            for seat, (stdout, stderr) in zip(result.seats, outputs, strict=True)
        ],
    }
