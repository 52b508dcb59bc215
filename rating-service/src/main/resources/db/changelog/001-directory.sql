--liquibase formatted sql

--changeset rating-service:001-known-agent
-- Agents from agent.changed. A deleted one stays as id, sequence and mark, for ever.
create table known_agent (
  id uuid primary key,
  sequence bigint not null,
  owner_id uuid,
  name text,
  description text,
  environment_id varchar(50),
  created_at timestamptz,
  updated_at timestamptz,
  deleted boolean not null
);
create index known_agent_environment on known_agent (environment_id) where not deleted;
create index known_agent_owner on known_agent (owner_id) where not deleted;

--changeset rating-service:001-known-user
-- Names from user.changed; tombstones as above.
create table known_user (
  id uuid primary key,
  sequence bigint not null,
  username text,
  deleted boolean not null
);

--changeset rating-service:001-active-submission
-- The version with which an agent plays, from submission.activated.
create table active_submission (
  agent_id uuid primary key,
  sequence bigint not null,
  submission_id uuid not null,
  active boolean not null
);
