create database auth_service;
create database agent_service;
create database submission_service;
create database build_service;
create database matchmaking_service;
create database match_service;
create database rating_service;
create database webhook_service;
