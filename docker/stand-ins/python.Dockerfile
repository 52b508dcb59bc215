# For PYTHON_IMAGE: Debian's Python.
FROM rl-arena-stand-in/debian
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
# This machine's certificates, by which pip reaches the index that the machine reaches.
ENV PIP_CERT=/etc/host-certificates.pem
