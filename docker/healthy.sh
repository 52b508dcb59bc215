#!/usr/bin/env bash
# Whether the service in this container says that it is ready. Bash alone: images of JREs have no curl.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/$QUARKUS_HTTP_PORT"
printf 'GET /q/health/ready HTTP/1.0\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
