--liquibase formatted sql

--changeset matchmaking-service:001-roster-agent
-- Agents from agent.changed. A deleted one stays as id, sequence and mark, for ever.
create table roster_agent (
  id uuid primary key,
  sequence bigint not null,
  owner_id uuid,
  environment_id varchar(50),
  enabled boolean not null,
  deleted boolean not null
);

--changeset matchmaking-service:001-active-version
-- The version with which an agent plays, from submission.activated: all that a seat needs.
create table active_version (
  agent_id uuid primary key,
  sequence bigint not null,
  active boolean not null,
  agent_name text,
  owner_id uuid,
  environment_id varchar(50),
  submission_id uuid,
  version integer,
  bundle_key text,
  bundle_sha256 char(64),
  bundle_bytes bigint,
  bundle_python_minor varchar(20),
  bundle_platform text,
  image_digest text
);

--changeset matchmaking-service:001-agent-rating
-- Ratings from rating.changed; an agent without a row stands at the start rating.
create table agent_rating (
  agent_id uuid primary key,
  sequence bigint not null,
  elo integer not null
);

--changeset matchmaking-service:001-environment
-- The catalogue from environment.changed. A round holds its environment's row.
create table environment (
  id varchar(50) primary key,
  sequence bigint not null,
  version text not null,
  enabled boolean not null,
  offered boolean not null,
  min_players integer not null,
  max_players integer not null
);
