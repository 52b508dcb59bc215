--liquibase formatted sql

--changeset matchmaking-service:003-queue-entry
-- Agents that want to play. An entry never expires: it ends with a match, or with the agent's
-- deletion, exclusion or loss of its version.
create table queue_entry (
  agent_id uuid primary key,
  environment_id varchar(50) not null,
  -- from when on it may play; it waits since then
  ready_at timestamptz not null,
  -- when a round may find something new for it; null: only when somebody else comes
  look_at timestamptz
);
create index queue_entry_ready on queue_entry (environment_id, ready_at);
create index queue_entry_look on queue_entry (look_at);
