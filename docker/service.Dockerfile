# Image of one JVM service. `./arena images` builds all; one alone, after ./arena build:
#   docker compose build auth-service
# The base: a JRE 25 or later on a system with glibc and bash.
ARG JAVA_IMAGE=eclipse-temurin:25-jre
# What all services stand on, and what `./arena images --jib` puts them on: Jib runs no commands.
FROM ${JAVA_IMAGE} AS base
RUN groupadd --gid 10001 arena && useradd --uid 10001 --gid arena --no-create-home arena \
    && install -d -o arena -g arena /var/lib/arena/keys /var/lib/arena/objects
COPY docker/healthy.sh /usr/local/bin/healthy
WORKDIR /app
ENV LANG=C.UTF-8 QUARKUS_HTTP_HOST=0.0.0.0 \
    JAVA_TOOL_OPTIONS="-XX:+UseSerialGC -XX:MaxRAMPercentage=50 -XX:+ExitOnOutOfMemoryError"
HEALTHCHECK --interval=5s --timeout=5s --start-period=300s --retries=6 CMD ["healthy"]

FROM base
COPY docker/train.sh /usr/local/bin/train
ARG SERVICE
COPY ${SERVICE}/target/quarkus-app/ /app/
RUN train
ARG PORT
ENV QUARKUS_HTTP_PORT=${PORT}
EXPOSE ${PORT}
USER 10001:10001
ENTRYPOINT ["java", "-XX:AOTCache=/app/app.aot", "-jar", "quarkus-run.jar"]
