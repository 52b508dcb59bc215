"""The four RPCs of contracts/grpc/executor.proto."""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import grpc

from arena.environments import EnvironmentSpec
from arena.playing import MatchCancelled, Played, RunnerFailed, RunnerOverran
from arena.replay import Participant
from arena_executor import __version__, telemetry
from arena_executor.backends import Backend, Busy, CodeRefused, Game, NotTrusted, Source
from arena_executor.config import Settings
from arena_executor.generated import executor_pb2 as pb
from arena_executor.generated import executor_pb2_grpc as pb_grpc
from arena_executor.responses import failed, logs, match_response, tail
from arena_executor.slots import GivenUp, NoFreeSlot, Place, Slots
from arena_executor.transfer import HostNotAllowed, Transfer, TransferError, without_query
from arena_executor.validation import VALIDATION_RULES, explain

_log = logging.getLogger(__name__)
_MATCH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_MAX_SEED = (1 << 53) - 1
_VALIDATION_LOG_BYTES = 16 * 1024


@dataclass(frozen=True)
class Parts:
    """What the service is made of."""

    settings: Settings
    environments: Mapping[str, EnvironmentSpec]
    backend: Backend
    transfer: Transfer
    replay_dir: Path


class ExecutorService(pb_grpc.ExecutorServicer):  # type: ignore[misc]
    """Thread-safe; every call may run beside others, up to the slots."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        # What plays elsewhere has no use for a core of this machine.
        pin = parts.settings.pin and parts.settings.pods is None
        self._slots = Slots(parts.settings.slots, pin, parts.settings.queue)
        self._validation_slots = Slots(parts.settings.validation_slots, pin=False)
        self._stopping = threading.Event()
        self._running: set[threading.Event] = set()
        self._idle = threading.Condition()

    def drain(self) -> None:
        """Refuses what comes from now on."""
        self._stopping.set()

    def cancel_all(self) -> None:
        """Ends what is running, as if its callers had gone."""
        with self._idle:
            for event in self._running:
                event.set()

    def wait_until_idle(self) -> None:
        """Until no match is left whose folders and groups would stay behind."""
        with self._idle:
            self._idle.wait_for(lambda: not self._running, timeout=15)

    def RunMatch(self, request: Any, context: grpc.ServicerContext) -> Any:
        spec = self._check_match(request, context)
        with ExitStack() as stack:
            stack.enter_context(
                telemetry.work(
                    "run match",
                    context.invocation_metadata(),
                    matchId=request.match_id,
                    attemptId=request.attempt_id,
                )
            )
            cancelled = stack.enter_context(self._cancellation(context))
            place = self._enter(self._slots, stack, context)
            seed = request.seed or 1 + secrets.randbelow(_MAX_SEED)
            rules = self._parts.settings.rules
            if request.timeout_sec:
                rules = replace(rules, match_seconds=float(request.timeout_sec))
            participants = [
                Participant(agent.agent_id, agent.metadata.get("name", "")[:200], agent.version)
                for agent in request.agents
            ]
            game = Game(
                match_id=request.match_id,
                attempt_id=request.attempt_id,
                environment=spec.id,
                seed=seed,
                participants=participants,
                rules=rules,
                record=request.record_replay,
            )
            sources = [
                Source(agent.agent_id, agent.code_url, agent.metadata, agent.docker_image)
                for agent in request.agents
            ]
            try:
                # Once it has ended what is left is waiting for the kernel: the core is free for
                # the next.
                played = self._parts.backend.play(
                    game,
                    sources,
                    lambda: self._take_slot(self._slots, place, context, cancelled),
                    cancelled,
                    ended=place.release,
                )
                response = match_response(request, seed, played)
                self._store(request, played, response)
                return response
            except CodeRefused as error:
                _refuse(context, grpc.StatusCode.INVALID_ARGUMENT, str(error))
            except Busy as error:
                _refuse(context, grpc.StatusCode.RESOURCE_EXHAUSTED, str(error))
            except MatchCancelled:
                return failed(request, seed, pb.STATUS_CANCELLED, "The match was cancelled.")
            except RunnerOverran as error:
                _log.error("match %s: %s", request.match_id, error)
                return failed(request, seed, pb.STATUS_TIMEOUT, "The runner did not end in time.")
            except (RunnerFailed, NotTrusted, TransferError, HostNotAllowed, OSError) as error:
                _log.error("match %s: %s", request.match_id, error)
                return failed(request, seed, pb.STATUS_ERROR, str(error)[:1000])

    def ValidateAgent(self, request: Any, context: grpc.ServicerContext) -> Any:
        spec = self._environment(request.environment, context)
        if not (request.code_url or request.code_zip or request.docker_image):
            _refuse(
                context,
                grpc.StatusCode.INVALID_ARGUMENT,
                "code_url, code_zip or docker_image is needed.",
            )
        with ExitStack() as stack:
            stack.enter_context(
                telemetry.work(
                    "validate agent", context.invocation_metadata(), agentId=request.agent_id
                )
            )
            cancelled = stack.enter_context(self._cancellation(context))
            place = self._enter(self._validation_slots, stack, context)
            seats = spec.min_players
            game = Game(
                match_id="validation",
                attempt_id="",
                environment=spec.id,
                seed=1 + secrets.randbelow(_MAX_SEED),
                participants=[Participant(str(s), f"seat {s}") for s in range(seats)],
                rules=replace(
                    self._parts.settings.rules,
                    match_seconds=self._parts.settings.rules.load_seconds
                    + VALIDATION_RULES.match_seconds,
                    max_steps=VALIDATION_RULES.max_steps,
                ),
                record=False,
            )
            source = Source(
                request.agent_id,
                request.code_url,
                request.metadata,
                request.docker_image,
                request.code_zip,
            )
            try:
                played = self._parts.backend.play(
                    game,
                    [source] * seats,
                    lambda: self._take_slot(self._validation_slots, place, context, cancelled),
                    cancelled,
                    ended=lambda: None,
                )
            except CodeRefused as error:
                # What came whole is judged; that pods take no such code is not its author's fault.
                if not request.code_zip or self._parts.settings.pods is not None:
                    _refuse(context, grpc.StatusCode.INVALID_ARGUMENT, str(error))
                return pb.ValidationResponse(errors=[str(error)], verdict=pb.LOAD_ERROR)
            except NotTrusted as error:
                _log.error("validation of %s: %s", request.agent_id, error)
                _refuse(context, grpc.StatusCode.FAILED_PRECONDITION, str(error))
            except TransferError as error:
                _refuse(context, grpc.StatusCode.UNAVAILABLE, str(error))
            except Busy as error:
                _refuse(context, grpc.StatusCode.RESOURCE_EXHAUSTED, str(error))
            except MatchCancelled:
                _refuse(context, grpc.StatusCode.CANCELLED, "The validation was cancelled.")
            except RunnerFailed as error:
                _log.error("validation of %s: %s", request.agent_id, error)
                _refuse(context, grpc.StatusCode.INTERNAL, "The validation game could not be run.")
        verdict, errors, log = explain(played.result)
        return pb.ValidationResponse(
            valid=not errors,
            errors=errors,
            verdict=pb.Verdict.Value(verdict.upper()),
            log_tail=tail(log, _VALIDATION_LOG_BYTES),
        )

    def HealthCheck(self, request: Any, context: grpc.ServicerContext) -> Any:
        return pb.HealthCheckResponse(
            healthy=not self._stopping.is_set() and self._parts.backend.problem is None,
            version=__version__,
            active_matches=self._slots.active,
            capacity=self._slots.count,
            metadata={f"layer.{name}": state for name, state in self._parts.backend.layers.items()},
            launcher=self._parts.backend.launcher,
            queued_matches=self._slots.queued,
            queue_capacity=self._slots.queue,
        )

    def ListEnvironments(self, request: Any, context: grpc.ServicerContext) -> Any:
        return pb.ListEnvironmentsResponse(
            environments=[
                pb.Environment(
                    id=spec.id,
                    name=spec.name,
                    description=spec.description,
                    version=spec.version,
                    min_players=spec.min_players,
                    max_players=spec.max_players,
                    max_steps=spec.max_steps,
                    config_json=json.dumps(self._catalogue_entry(spec)),
                )
                for spec in self._parts.environments.values()
            ]
        )

    def _catalogue_entry(self, spec: EnvironmentSpec) -> dict[str, Any]:
        """What people read of a game, with the time that its agents have here; seconds."""
        rules = self._parts.settings.rules.within(spec)
        budgets = {
            "moveSeconds": rules.move_seconds,
            "moveLimitSeconds": rules.move_limit_seconds,
            "bankSeconds": rules.bank_seconds,
            "loadSeconds": rules.load_seconds,
            "matchSeconds": rules.match_seconds,
        }
        return {**spec.config, "source": spec.source, "timeBudgets": budgets}

    def _check_match(self, request: Any, context: grpc.ServicerContext) -> EnvironmentSpec:
        spec = self._environment(request.environment, context)
        ids = [agent.agent_id for agent in request.agents]
        problem = None
        if not _MATCH_ID.fullmatch(request.match_id):
            problem = "match_id must be 1 to 128 letters, digits, dots, hyphens and underscores."
        elif not spec.min_players <= len(ids) <= spec.max_players:
            problem = f"{spec.id} needs {spec.min_players} agents, not {len(ids)}."
        elif not all(ids) or len(set(ids)) != len(ids):
            problem = "Every agent needs an agent_id of its own."
        elif request.seed > _MAX_SEED:
            problem = "seed must be below 2^53."
        for url in (
            request.replay_upload_url,
            request.log_upload_url,
            request.replay_html_upload_url,
        ):
            if url and problem is None:
                try:
                    self._parts.transfer.check(url)
                except HostNotAllowed as error:
                    problem = f"An upload URL cannot be used. {error}"
        if problem is not None:
            _refuse(context, grpc.StatusCode.INVALID_ARGUMENT, problem)
        return spec

    def _environment(self, name: str, context: grpc.ServicerContext) -> EnvironmentSpec:
        spec = self._parts.environments.get(name)
        if spec is None:
            known = ", ".join(self._parts.environments)
            _refuse(
                context,
                grpc.StatusCode.INVALID_ARGUMENT,
                f"There is no environment {name[:100]!r}; known are {known}.",
            )
        return spec

    def _enter(self, slots: Slots, stack: ExitStack, context: grpc.ServicerContext) -> Place:
        """Lets it in if there is a slot or room in the queue."""
        if self._stopping.is_set():
            self._refuse_stopping(context)
        if problem := self._parts.backend.problem:
            _refuse(context, grpc.StatusCode.RESOURCE_EXHAUSTED, problem)
        try:
            return stack.enter_context(slots.enter())
        except NoFreeSlot:
            self._refuse_busy(slots, context)

    def _take_slot(
        self, slots: Slots, place: Place, context: grpc.ServicerContext, cancelled: threading.Event
    ) -> int | None:
        """Waits for its turn, but no longer than is of use. Returns the core to run on."""

        def given_up() -> bool:
            return self._stopping.is_set() or cancelled.is_set()

        try:
            return place.take_slot(self._parts.settings.queue_seconds, given_up)
        except NoFreeSlot:
            self._refuse_busy(slots, context)
        except GivenUp:
            self._refuse_stopping(context)

    def _refuse_busy(self, slots: Slots, context: grpc.ServicerContext) -> NoReturn:
        waiting = f" and {slots.queue} more wait" if slots.queue else ""
        _refuse(
            context,
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"All {slots.count} slots are busy{waiting}; ask again later.",
        )

    def _refuse_stopping(self, context: grpc.ServicerContext) -> NoReturn:
        _refuse(context, grpc.StatusCode.UNAVAILABLE, "The executor is stopping.")

    @contextmanager
    def _cancellation(self, context: grpc.ServicerContext) -> Iterator[threading.Event]:
        """An event that is set when the caller goes away or the executor gives up waiting."""
        event = threading.Event()
        with self._idle:
            self._running.add(event)
        try:
            if not context.add_callback(event.set):
                event.set()
            yield event
        finally:
            with self._idle:
                self._running.discard(event)
                self._idle.notify_all()

    def _store(self, request: Any, played: Played, response: Any) -> None:
        transfer = self._parts.transfer
        for content, url, suffix, media_type, field in (
            (
                played.replay_json,
                request.replay_upload_url,
                "json",
                "application/json",
                "replay_url",
            ),
            (
                played.replay_html,
                request.replay_html_upload_url,
                "html",
                "text/html; charset=utf-8",
                "replay_html_url",
            ),
        ):
            if content is None:
                continue
            if url:
                transfer.put(url, content, media_type)
                setattr(response, field, without_query(url))
            elif not request.replay_upload_url:
                folder = self._parts.replay_dir
                name = f"{request.match_id}.{suffix}"
                partial = folder / f".{name}.{uuid.uuid4().hex}"
                partial.write_bytes(content)
                partial.rename(folder / name)
                setattr(response, field, f"{folder.name}/{name}")
        if request.log_upload_url:
            transfer.put(request.log_upload_url, logs(request, played), "application/json")


def _refuse(context: grpc.ServicerContext, code: grpc.StatusCode, message: str) -> NoReturn:
    context.abort(code, message)
    raise AssertionError("abort raises")
