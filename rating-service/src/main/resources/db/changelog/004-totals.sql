--liquibase formatted sql

--changeset rating-service:004-user-total splitStatements:false
-- Rated matches of each user's agents, counted as they are rated: a user who asks would else have all of them read. A
-- trigger counts, as for the boards: the version of the service before this one does not know the table. No two matches
-- are counted at once, since changes are written under the lock of the ledger's counter.
create table user_total (
  owner_id uuid primary key,
  matches bigint not null,
  wins bigint not null
);

create function user_total_counted() returns trigger language plpgsql as $$
begin
  insert into user_total as total (owner_id, matches, wins)
  select new.owner_id, (not exists (
      -- a match between two own agents is one
      select 1 from ledger_change c
      where c.number = new.number and c.owner_id = new.owner_id and c.seat < new.seat))::int, (new.outcome = 'WIN')::int
  on conflict (owner_id) do update
  set matches = total.matches + excluded.matches, wins = total.wins + excluded.wins;
  return null;
end $$;
create trigger user_total_counted after insert on ledger_change for each row execute function user_total_counted();

-- What is there already; from here on until the commit nobody can write the ledger.
insert into user_total (owner_id, matches, wins)
select owner_id, count(distinct number), count(*) filter (where outcome = 'WIN') from ledger_change group by owner_id;

--changeset rating-service:004-no-scan
-- Nothing reads the ledger by owner any more.
drop index ledger_change_totals;
