#!/usr/bin/env bash
# Starts the service in /app once, alone, and keeps the classes that it loaded and linked in app.aot.
# Only the very JVM that made such a cache can use it: this runs while an image is built.
set -eu
cd /app
scratch=$(mktemp -d)
# What a service does not start without; nothing of it stays.
made_up=0123456789abcdef0123456789abcdef
export QUARKUS_HTTP_HOST=127.0.0.1 QUARKUS_HTTP_PORT=8000 \
  ARENA_OBJECTS_ROOT="$scratch" ARENA_BUILD_WORK_DIR="$scratch/builds" \
  ARENA_AUTH_SIGNING_KEY_FILE="$scratch/key.pem" ARENA_AUTH_CREATE_SIGNING_KEY=true \
  ARENA_AUTH_CLIENTS_SUBMISSION_SERVICE_SECRET=$made_up \
  ARENA_AUTH_CLIENTS_BUILD_SERVICE_SECRET=$made_up \
  ARENA_AUTH_CLIENTS_MATCH_SERVICE_SECRET=$made_up \
  ARENA_AUTH_CLIENTS_SYSTEM_CHECKER_SECRET=$made_up \
  ARENA_ACCESS_CLIENT_SECRET=$made_up ARENA_MATCH_UPLOAD_KEY=$made_up \
  ARENA_WEBHOOK_SECRET_KEY=$made_up
java -XX:AOTCacheOutput=app.aot -jar quarkus-run.jar > "$scratch/log" 2>&1 &
service=$!
listens() { (: < "/dev/tcp/127.0.0.1/$QUARKUS_HTTP_PORT") 2> /dev/null; }
for ((tries = 0; tries < 1500; tries++)); do
  if listens || ! kill -0 $service 2> /dev/null; then break; fi
  sleep 0.2
done
if ! listens; then
  cat "$scratch/log" >&2
  exit 1
fi
kill $service
wait $service || true
test -s app.aot || { cat "$scratch/log" >&2; exit 1; }
rm -r "$scratch"
