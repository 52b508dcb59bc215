#!/usr/bin/env bash
# What the official image does: settings from KAFKA_... variables, by Kafka's own code for it.
set -eu
export CLUSTER_ID=${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}
if ! said=$(java -cp '/app/lib/*' kafka.docker.KafkaDockerWrapper setup \
  --default-configs-dir /etc/kafka/docker --mounted-configs-dir /mnt/shared/config \
  --final-configs-dir /opt/kafka/config 2>&1); then
  grep -qi 'already formatted' <<< "$said" || { echo "$said" >&2; exit 1; }
fi
exec java ${KAFKA_HEAP_OPTS:--Xmx512m} -cp '/app/lib/*' kafka.Kafka \
  /opt/kafka/config/server.properties
