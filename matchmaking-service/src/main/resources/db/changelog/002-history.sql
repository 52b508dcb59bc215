--liquibase formatted sql

--changeset matchmaking-service:002-pairing
-- Every rated match ever asked for, open until match.finished tells its end.
create table pairing (
  match_id uuid primary key,
  environment_id varchar(50) not null,
  seed bigint not null,
  reason varchar(20) not null,
  requested_at timestamptz not null,
  state varchar(10) not null,
  rated boolean not null,
  closed_at timestamptz
);
create index pairing_open on pairing (environment_id) where state = 'OPEN';

--changeset matchmaking-service:002-pairing-seat
create table pairing_seat (
  match_id uuid not null references pairing,
  seat integer not null,
  agent_id uuid not null,
  submission_id uuid not null,
  rating integer not null,
  requested_at timestamptz not null,
  open boolean not null,
  primary key (match_id, seat)
);
-- The rule itself: an agent has at most one open rated match, whatever any replica believes.
create unique index pairing_seat_one_open on pairing_seat (agent_id) where open;
create index pairing_seat_agent on pairing_seat (agent_id, requested_at desc);
create index pairing_seat_submission on pairing_seat (submission_id);

--changeset matchmaking-service:002-meeting
-- Who sat first when two agents last played each other; agent_low is the smaller id.
create table meeting (
  agent_low uuid not null,
  agent_high uuid not null,
  sat_first uuid not null,
  games integer not null,
  primary key (agent_low, agent_high),
  check (agent_low < agent_high)
);
