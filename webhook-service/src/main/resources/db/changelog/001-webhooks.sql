--liquibase formatted sql

--changeset webhook-service:001-known-user
-- Users who registered a hook, and all who are gone: a deleted one stays, for ever.
create table known_user (
  id uuid primary key,
  deleted boolean not null
);

--changeset webhook-service:001-known-agent
-- Whose an agent is, from agent.changed. A deleted one stays as id, sequence and mark.
create table known_agent (
  id uuid primary key,
  sequence bigint not null,
  owner_id uuid,
  deleted boolean not null
);

--changeset webhook-service:001-early-build
-- Results of builds that were read before their agent was: they wait for it.
create table early_build (
  event_id text primary key,
  agent_id uuid not null,
  type varchar(100) not null,
  occurred_at timestamptz not null,
  body text not null,
  stored_at timestamptz not null
);
create index early_build_agent on early_build (agent_id);

--changeset webhook-service:001-webhook
-- No secret is here: it is derived from the service's key, the id and the generation.
create table webhook (
  id uuid primary key,
  owner_id uuid not null,
  url text not null,
  events text[] not null,
  description text not null,
  enabled boolean not null,
  disabled_reason text,
  failing_since timestamptz,
  secret_generation integer not null,
  secret_rotated_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index webhook_owner on webhook (owner_id, created_at);

--changeset webhook-service:001-delivery
-- What is to be told to one hook, and how that went. A lease is lease_id together with next_attempt_at:
-- until then somebody delivers it, after that anybody may.
create table delivery (
  id uuid primary key,
  webhook_id uuid not null references webhook on delete cascade,
  event_id text not null,
  type varchar(100) not null,
  body text not null,
  state varchar(10) not null check (state in ('WAITING', 'DELIVERED', 'FAILED')),
  attempts integer not null,
  next_attempt_at timestamptz not null,
  lease_id uuid,
  created_at timestamptz not null,
  last_attempt_at timestamptz,
  ended_at timestamptz,
  response_code integer,
  response_start text,
  error text,
  unique (webhook_id, event_id)
);
create index delivery_due on delivery (next_attempt_at) where state = 'WAITING';
create index delivery_waiting on delivery (webhook_id, next_attempt_at) where state = 'WAITING';
create index delivery_log on delivery (webhook_id, created_at desc, id desc);
create index delivery_age on delivery (created_at);
