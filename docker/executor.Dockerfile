# Image of the executor: bubblewrap, the runner's environments and the agents' Python.
#   docker build -f docker/executor.Dockerfile -t rl-arena/executor .
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap libseccomp2 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 arena && useradd --uid 10001 --gid arena --create-home arena
WORKDIR /opt/executor
COPY python/requirements-agent.txt python/requirements-games.txt python/
RUN python -m venv /opt/agent/venv && /opt/agent/venv/bin/pip install --no-cache-dir -r python/requirements-agent.txt
COPY executor/requirements.txt executor/
RUN pip install --no-cache-dir -r executor/requirements.txt
COPY contracts/grpc contracts/grpc
COPY python python
COPY executor executor
RUN pip install --no-cache-dir --no-deps ./python && python executor/generate_stubs.py
USER 10001:10001
ENV ARENA_EXECUTOR_AGENT_PYTHON=/opt/agent/venv/bin/python PYTHONPATH=/opt/executor/executor/src
ENTRYPOINT ["python", "-m", "arena_executor"]
