--liquibase formatted sql

--changeset matchmaking-service:005-trace
-- W3C trace context of what made the version play; the request for its first match carries it on.
alter table active_version add column traceparent text;
