--liquibase formatted sql

--changeset matchmaking-service:004-unplayable-submission
-- Versions that match-service gave up, from match.failed. They are not paired again; the agent
-- returns with another version.
create table unplayable_submission (
  submission_id uuid primary key
);
