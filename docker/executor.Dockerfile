# Image of the executor: bubblewrap, the runner's environments and the agents' Python.
# `./arena images` builds it. The base: Python 3.11 on Debian.
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap libseccomp2 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 arena && useradd --uid 10001 --gid arena --no-create-home arena \
    && install -d -o arena -g arena /var/lib/arena/objects /var/lib/arena/work
WORKDIR /opt/executor
COPY python/requirements-agent.txt python/requirements-games.txt python/
RUN python3 -m venv /opt/agent/venv \
    && /opt/agent/venv/bin/pip install --no-cache-dir -r python/requirements-agent.txt
COPY executor/requirements.txt executor/
RUN python3 -m venv venv && venv/bin/pip install --no-cache-dir -r executor/requirements.txt
COPY contracts/grpc contracts/grpc
COPY python python
COPY executor executor
RUN venv/bin/pip install --no-cache-dir --no-deps ./python \
    && venv/bin/python executor/generate_stubs.py \
    && venv/bin/python -m compileall -q executor/src
ENV LANG=C.UTF-8 PYTHONPATH=/opt/executor/executor/src PYTHONUNBUFFERED=1 \
    ARENA_EXECUTOR_HOST=0.0.0.0 ARENA_EXECUTOR_PORT=50051 \
    ARENA_EXECUTOR_AGENT_PYTHON=/opt/agent/venv/bin/python
EXPOSE 50051
USER 10001:10001
# It listens once it has played a game in a real sandbox.
HEALTHCHECK --interval=5s --timeout=5s --start-period=300s --retries=6 \
    CMD ["bash", "-c", ": < /dev/tcp/127.0.0.1/$ARENA_EXECUTOR_PORT"]
ENTRYPOINT ["/opt/executor/venv/bin/python", "-m", "arena_executor"]
