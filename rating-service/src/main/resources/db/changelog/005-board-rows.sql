--liquibase formatted sql

--changeset rating-service:005-board-rows splitStatements:false
-- A page of a board is read from board_entry alone, but for the names of owners: to look up agent, rating and version of
-- each of its rows costs more than to read them. Each source still writes its own columns alone.

-- in this order: who writes one of the three writes board_entry next
lock table known_agent, active_submission, rating in share row exclusive mode;
alter table board_entry
  -- from known_agent
  add owner_id uuid,
  add name text,
  add description text,
  add updated_at timestamptz,
  -- from active_submission: null without a version that plays
  add submission_id uuid,
  -- from rating
  add wins integer not null default 0,
  add losses integer not null default 0,
  add draws integer not null default 0;

create or replace function board_of_agent() returns trigger language plpgsql as $$
begin
  insert into board_entry (agent_id, environment_id, owner_id, name, description, created_at, updated_at, listed, elo)
  values (new.id, new.environment_id, new.owner_id, new.name, new.description, new.created_at, new.updated_at,
    not new.deleted, board_start_now())
  on conflict (agent_id) do update
  set environment_id = excluded.environment_id, owner_id = excluded.owner_id, name = excluded.name,
    description = excluded.description, created_at = excluded.created_at, updated_at = excluded.updated_at,
    listed = excluded.listed;
  return null;
end $$;

create or replace function board_of_submission() returns trigger language plpgsql as $$
begin
  insert into board_entry (agent_id, playing, submission_id, elo)
  values (new.agent_id, new.active, case when new.active then new.submission_id end, board_start_now())
  on conflict (agent_id) do update set playing = excluded.playing, submission_id = excluded.submission_id;
  return null;
end $$;

create or replace function board_of_rating() returns trigger language plpgsql as $$
begin
  insert into board_entry (agent_id, elo, wins, losses, draws, rated)
  values (new.agent_id, new.elo, new.wins, new.losses, new.draws, true)
  on conflict (agent_id) do update
  set elo = excluded.elo, wins = excluded.wins, losses = excluded.losses, draws = excluded.draws, rated = true;
  return null;
end $$;

update board_entry e
set owner_id = a.owner_id, name = a.name, description = a.description, updated_at = a.updated_at
from known_agent a where a.id = e.agent_id;
update board_entry e set submission_id = s.submission_id
from active_submission s where s.agent_id = e.agent_id and s.active;
update board_entry e set wins = r.wins, losses = r.losses, draws = r.draws
from rating r where r.agent_id = e.agent_id;

-- the best place of a user's agents
create index board_entry_owner on board_entry (owner_id, elo desc) where listed and playing;
drop index known_agent_owner;
