# Image of build-service with what its local builder needs: Python, and bubblewrap for the sandbox.
#   docker build -f docker/build-service.Dockerfile -t rl-arena/build-service .
FROM eclipse-temurin:25-jre AS java

FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap \
    && rm -rf /var/lib/apt/lists/*
COPY --from=java /opt/java/openjdk /opt/java/openjdk
ENV PATH=/opt/java/openjdk/bin:$PATH
RUN groupadd --gid 10001 arena && useradd --uid 10001 --gid arena --no-create-home arena \
    && mkdir -p /var/lib/arena/objects && chown -R arena:arena /var/lib/arena
COPY python/requirements-agent.txt /opt/agent/
RUN python -m venv /opt/agent/venv && /opt/agent/venv/bin/pip install --no-cache-dir -r /opt/agent/requirements-agent.txt
COPY build-service/target/quarkus-app/ /app/
USER 10001:10001
WORKDIR /app
ENV ARENA_BUILD_AGENT_PYTHON=/opt/agent/venv/bin/python \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError"
ENTRYPOINT ["java", "-jar", "quarkus-run.jar"]
