--liquibase formatted sql

--changeset rating-service:003-board splitStatements:false
-- What leaderboards are read from: one row per agent heard of, in the order of its board. Agent, version and rating come
-- in any order and at the same time, and each writes its own columns alone, so none can undo another. Triggers write
-- them: the version of the service before this one, which runs beside it during a rollout, does not know the table.

-- one row: the rating of agents without a rated match
create table board_start (
  elo integer not null
);
insert into board_start values (1200);

create table board_entry (
  agent_id uuid primary key,
  -- from known_agent: null and false until it is heard of, and after its deletion
  environment_id varchar(50),
  created_at timestamptz,
  listed boolean not null default false,
  -- from active_submission
  playing boolean not null default false,
  -- from rating
  elo integer not null,
  rated boolean not null default false
);
create index board_entry_overall on board_entry (elo desc, created_at desc, agent_id) where listed;
create index board_entry_environment on board_entry (environment_id, elo desc, created_at desc, agent_id)
  where listed and playing;
create index board_entry_playing on board_entry (elo) where listed and playing;

-- How many agents stand on each environment's board, and how many of them have a version that plays: counting them at
-- each question would read the whole board.
create table board_size (
  environment_id varchar(50) primary key,
  listed bigint not null,
  playing bigint not null
);

create function board_entry_counted() returns trigger language plpgsql as $$
begin
  insert into board_size as size (environment_id, listed, playing)
  select environment_id, sum(listed), sum(playing) from (
    select new.environment_id, 1 as listed, new.playing::int as playing where new.listed
    union all
    select old.environment_id, -1, -old.playing::int where tg_op = 'UPDATE' and old.listed
  ) as change
  group by environment_id
  having sum(listed) <> 0 or sum(playing) <> 0
  on conflict (environment_id) do update
  set listed = size.listed + excluded.listed, playing = size.playing + excluded.playing;
  return null;
end $$;
create trigger board_entry_counted after insert or update of environment_id, listed, playing on board_entry
  for each row execute function board_entry_counted();

-- locked against a change of the start rating, which must reach the row that is being made
create function board_start_now() returns integer language sql as $$ select elo from board_start for share $$;

create function board_of_agent() returns trigger language plpgsql as $$
begin
  insert into board_entry (agent_id, environment_id, created_at, listed, elo)
  values (new.id, new.environment_id, new.created_at, not new.deleted, board_start_now())
  on conflict (agent_id) do update
  set environment_id = excluded.environment_id, created_at = excluded.created_at, listed = excluded.listed;
  return null;
end $$;
create trigger board_of_agent after insert or update on known_agent for each row execute function board_of_agent();

create function board_of_submission() returns trigger language plpgsql as $$
begin
  insert into board_entry (agent_id, playing, elo) values (new.agent_id, new.active, board_start_now())
  on conflict (agent_id) do update set playing = excluded.playing;
  return null;
end $$;
create trigger board_of_submission after insert or update on active_submission
  for each row execute function board_of_submission();

create function board_of_rating() returns trigger language plpgsql as $$
begin
  insert into board_entry (agent_id, elo, rated) values (new.agent_id, new.elo, true)
  on conflict (agent_id) do update set elo = excluded.elo, rated = true;
  return null;
end $$;
create trigger board_of_rating after insert or update on rating for each row execute function board_of_rating();

-- What is there already; from here on until the commit nobody can write the three tables.
insert into board_entry (agent_id, environment_id, created_at, listed, playing, elo, rated)
select agent_id, a.environment_id, a.created_at, coalesce(not a.deleted, false), coalesce(s.active, false),
  coalesce(r.elo, 1200), r.elo is not null
from (select id as agent_id from known_agent union select agent_id from active_submission union select agent_id from rating)
  as heard_of
  left join known_agent a on a.id = agent_id
  left join active_submission s using (agent_id)
  left join rating r using (agent_id);

--changeset rating-service:003-totals
-- A user's totals are read from the index alone.
create index ledger_change_totals on ledger_change (owner_id) include (number, outcome);
drop index ledger_change_owner;
