"""Which table repeats what of which other service, as pairs of queries that must agree.

The first column of each query is the id. Deleted agents are compared by the tombstone alone.
"""

from __future__ import annotations

from dataclasses import dataclass

Rows = dict[str, tuple[object, ...]]


@dataclass(frozen=True)
class Side:
    service: str
    query: str


@dataclass(frozen=True)
class Projection:
    name: str
    source: Side
    copy: Side


def _agents(columns: str) -> Side:
    return Side(
        "agent-service",
        f"select id::text, deleted_at is not null, {columns} from agent",
    )


_OWNER = "case when deleted_at is null then user_id::text end"
_NAME = "case when deleted_at is null then name end"
_ENVIRONMENT = "case when deleted_at is null then environment_id end"
_ENABLED = "enabled and deleted_at is null"
_DESCRIBED = f"{_OWNER}, {_NAME}, {_ENVIRONMENT}"

_ACTIVE = Side(
    "submission-service",
    "select s.agent_id::text, s.id::text from submission s join agent a on a.id = s.agent_id"
    " where s.state = 'ACTIVE' and not a.deleted",
)
_RATED = "wins + losses + draws > 0"
_ENVIRONMENTS = "select id, version, enabled and offered, min_players, max_players from environment"

PROJECTIONS = (
    Projection(
        "agents of submission-service",
        _agents(_DESCRIBED),
        Side(
            "submission-service",
            "select id::text, deleted, owner_id::text, name, environment_id from agent",
        ),
    ),
    Projection(
        "agents of matchmaking-service",
        _agents(f"{_OWNER}, {_ENVIRONMENT}, {_ENABLED}"),
        Side(
            "matchmaking-service",
            "select id::text, deleted, owner_id::text, environment_id, enabled from roster_agent",
        ),
    ),
    Projection(
        "agents of match-service",
        _agents(f"{_DESCRIBED}, {_ENABLED}"),
        Side(
            "match-service",
            "select agent_id::text, deleted, owner_id::text, name, environment_id, enabled"
            " from agent_entry",
        ),
    ),
    Projection(
        "agents of rating-service",
        _agents(_DESCRIBED),
        Side(
            "rating-service",
            "select id::text, deleted, owner_id::text, name, environment_id from known_agent",
        ),
    ),
    Projection(
        "agents of webhook-service",
        _agents(_OWNER),
        Side("webhook-service", "select id::text, deleted, owner_id::text from known_agent"),
    ),
    Projection(
        "active versions of matchmaking-service",
        _ACTIVE,
        Side(
            "matchmaking-service",
            "select v.agent_id::text, v.submission_id::text from active_version v"
            " join roster_agent a on a.id = v.agent_id where v.active and not a.deleted",
        ),
    ),
    Projection(
        "active versions of match-service",
        _ACTIVE,
        Side(
            "match-service",
            "select v.agent_id::text, v.submission_id::text from active_version v"
            " join agent_entry a using (agent_id)"
            " where v.submission_id is not null and not a.deleted",
        ),
    ),
    Projection(
        "active versions of rating-service",
        _ACTIVE,
        Side(
            "rating-service",
            "select v.agent_id::text, v.submission_id::text from active_submission v"
            " join known_agent a on a.id = v.agent_id where v.active and not a.deleted",
        ),
    ),
    Projection(
        "active versions of agent-service",
        _ACTIVE,
        Side(
            "agent-service",
            "select id::text, active_submission_id::text from agent"
            " where active_submission_id is not null and deleted_at is null",
        ),
    ),
    Projection(
        "active versions of build-service",
        _ACTIVE,
        Side(
            "build-service",
            "select agent_id::text, submission_id::text from playing_build"
            " where submission_id is not null",
        ),
    ),
    Projection(
        "ratings of agent-service",
        Side(
            "rating-service",
            "select agent_id::text, elo, wins, losses, draws from rating r"
            " join known_agent a on a.id = r.agent_id where not a.deleted",
        ),
        Side(
            "agent-service",
            "select id::text, elo, wins, losses, draws from agent"
            f" where deleted_at is null and {_RATED}",
        ),
    ),
    Projection(
        "ratings of matchmaking-service",
        Side("rating-service", "select agent_id::text, elo from rating"),
        Side("matchmaking-service", "select agent_id::text, elo from agent_rating"),
    ),
    Projection(
        "rating changes of match-service",
        Side(
            "rating-service",
            "select match_id::text || ' ' || agent_id::text, number, change"
            " from ledger_entry join ledger_change using (number)",
        ),
        Side(
            "match-service",
            "select match_id::text || ' ' || agent_id::text, ledger_number, change"
            " from rating_change",
        ),
    ),
    Projection(
        "totals of users",
        Side(
            "rating-service",
            "select owner_id::text, count(distinct number),"
            " count(*) filter (where outcome = 'WIN') from ledger_change group by owner_id",
        ),
        Side("rating-service", "select owner_id::text, matches, wins from user_total"),
    ),
    Projection(
        "rows of leaderboards",
        Side(
            "rating-service",
            "select a.id::text, a.owner_id::text, a.name, a.description, a.environment_id,"
            " a.created_at, a.updated_at, coalesce(s.active, false),"
            " case when s.active then s.submission_id::text end"
            " from known_agent a left join active_submission s on s.agent_id = a.id"
            " where not a.deleted",
        ),
        Side(
            "rating-service",
            "select agent_id::text, owner_id::text, name, description, environment_id,"
            " created_at, updated_at, playing, submission_id::text from board_entry where listed",
        ),
    ),
    Projection(
        "environments of matchmaking-service",
        Side("agent-service", f"{_ENVIRONMENTS} where sequence > 0"),
        Side("matchmaking-service", _ENVIRONMENTS),
    ),
    Projection(
        "environments of match-service",
        Side("agent-service", f"{_ENVIRONMENTS} where sequence > 0"),
        Side(
            "match-service",
            "select environment_id, version, playable, min_players, max_players"
            " from environment_entry",
        ),
    ),
    Projection(
        "users of rating-service",
        Side("auth-service", "select id::text, username from users where status <> 'DELETED'"),
        Side("rating-service", "select id::text, username from known_user where not deleted"),
    ),
    Projection(
        "owners of agent-service",
        Side("auth-service", "select id::text, username from users where status <> 'DELETED'"),
        Side("agent-service", "select user_id::text, username from owner where not deleted"),
    ),
    Projection(
        "pairings of matchmaking-service",
        Side(
            "match-service",
            "select id::text, case state when 'completed' then 'FINISHED' when 'failed' then"
            " 'FAILED' when 'cancelled' then 'CANCELLED' else 'OPEN' end from match"
            " where kind = 'ladder'",
        ),
        Side("matchmaking-service", "select match_id::text, state from pairing"),
    ),
    Projection(
        "results of builds in submission-service",
        Side(
            "build-service",
            # What was built may be blocked by a later scan.
            "select distinct on (submission_id) submission_id::text,"
            " case when state = 'FAILED' or s.status = 'BLOCKED' then 'failed'"
            " when state = 'SUCCEEDED' then 'passed' else 'open' end"
            " from build_attempt a left join build_scan s on s.attempt_id = a.id"
            " order by submission_id, attempt desc",
        ),
        Side(
            "submission-service",
            "select id::text, case when state in ('ACTIVE', 'INACTIVE') then 'passed'"
            " when state = 'BUILD_FAILED' then 'failed' else 'open' end from submission",
        ),
    ),
)
