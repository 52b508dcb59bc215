--liquibase formatted sql

--changeset rating-service:002-rating
-- One row per agent that has played a rated match: the state after its newest ledger entry.
create table rating (
  agent_id uuid primary key,
  environment_id varchar(50) not null,
  owner_id uuid not null,
  elo integer not null check (elo >= 0),
  wins integer not null check (wins >= 0),
  losses integer not null check (losses >= 0),
  draws integer not null check (draws >= 0)
);

--changeset rating-service:002-rating-settings
-- Every set of constants matches were ever rated under; rows never change.
create table rating_settings (
  version integer generated always as identity primary key,
  start_rating integer not null,
  floor_rating integer not null,
  newcomer_k integer not null,
  newcomer_games integer not null,
  settling_k integer not null,
  settling_games integer not null,
  established_k integer not null,
  unique (start_rating, floor_rating, newcomer_k, newcomer_games, settling_k, settling_games, established_k)
);

--changeset rating-service:002-ledger-counter
-- One row. Its lock, held until commit, makes ledger numbers gap-free and follow the order of commits.
create table ledger_counter (
  last_number bigint not null
);
insert into ledger_counter values (0);

--changeset rating-service:002-ledger
-- Append only: the history of which the table rating is the sum.
create table ledger_entry (
  number bigint primary key,
  match_id uuid not null unique,
  environment_id varchar(50) not null,
  system varchar(20) not null,
  settings_version integer not null references rating_settings,
  finished_at timestamptz not null,
  rated_at timestamptz not null
);
create table ledger_change (
  number bigint not null references ledger_entry,
  seat integer not null,
  agent_id uuid not null,
  owner_id uuid not null,
  submission_id uuid not null,
  version integer not null,
  rank integer not null,
  outcome varchar(10) not null,
  rating_before integer not null,
  rating_after integer not null,
  change integer not null check (change = rating_after - rating_before),
  sequence bigint not null,
  wins integer not null,
  losses integer not null,
  draws integer not null check (wins + losses + draws = sequence),
  primary key (number, seat),
  -- a lost update would give two changes of an agent the same sequence
  unique (agent_id, sequence)
);
create index ledger_change_owner on ledger_change (owner_id);
