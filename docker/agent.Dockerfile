# Image that agents' images are made from, and that the steps of a build's Job run in: the agents'
# Python, the harness and what starts it in a pod, and the steps themselves. Name it by digest, never by a tag.
#   docker build -f docker/agent.Dockerfile -t rl-arena/agent .
FROM python:3.11-slim
RUN groupadd --gid 10001 arena && useradd --uid 10001 --gid arena --no-create-home arena
COPY python/requirements-agent.txt /opt/agent/
RUN python -m venv /opt/agent/venv && /opt/agent/venv/bin/pip install --no-cache-dir -r /opt/agent/requirements-agent.txt
COPY python/src/arena/handshake.py python/src/arena/harness.py python/src/arena/seat.py python/src/arena/wire.py /opt/arena/harness/
COPY build-service/src/main/resources/python/ /opt/arena/build/
USER 10001:10001
