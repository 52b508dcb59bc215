#!/usr/bin/env bash
# Makes the database of an empty volume from the official image's variables and scripts; runs it.
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  "$bin/initdb" --username="$POSTGRES_USER" --pwfile=<(echo "$POSTGRES_PASSWORD") \
    --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  "$bin/pg_ctl" start --wait --options="-c listen_addresses=''"
  for script in /docker-entrypoint-initdb.d/*.sql; do
    psql --username="$POSTGRES_USER" --dbname=postgres --set=ON_ERROR_STOP=1 --file="$script"
  done
  "$bin/pg_ctl" stop --wait
fi
exec "$bin/postgres" -c listen_addresses='*'
