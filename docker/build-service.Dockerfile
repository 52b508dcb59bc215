# Image of build-service with what its local builder needs: Python, and bubblewrap for the sandbox.
# `./arena images` builds it. The bases: a JRE 25 at /opt/java/openjdk, and Python 3.11 on Debian.
ARG JAVA_IMAGE=eclipse-temurin:25-jre
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${JAVA_IMAGE} AS java

FROM ${PYTHON_IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 arena && useradd --uid 10001 --gid arena --no-create-home arena \
    && install -d -o arena -g arena /var/lib/arena/builds /var/lib/arena/objects
COPY python/requirements-agent.txt /opt/agent/
RUN python3 -m venv /opt/agent/venv \
    && /opt/agent/venv/bin/pip install --no-cache-dir -r /opt/agent/requirements-agent.txt
COPY --from=java /opt/java/openjdk /opt/java/openjdk
COPY docker/healthy.sh /usr/local/bin/healthy
COPY docker/train.sh /usr/local/bin/train
COPY build-service/target/quarkus-app/ /app/
WORKDIR /app
# Most of the container's memory is for pip and the sandbox.
ENV LANG=C.UTF-8 PATH=/opt/java/openjdk/bin:$PATH \
    JAVA_TOOL_OPTIONS="-XX:+UseSerialGC -XX:MaxRAMPercentage=20 -XX:+ExitOnOutOfMemoryError"
RUN train
ARG PORT
ENV QUARKUS_HTTP_HOST=0.0.0.0 QUARKUS_HTTP_PORT=${PORT} \
    ARENA_BUILD_AGENT_PYTHON=/opt/agent/venv/bin/python
EXPOSE ${PORT}
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=5s --start-period=300s --retries=6 CMD ["healthy"]
ENTRYPOINT ["java", "-XX:AOTCache=/app/app.aot", "-jar", "quarkus-run.jar"]
