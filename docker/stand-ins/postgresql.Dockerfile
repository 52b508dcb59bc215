# For POSTGRES_IMAGE: Debian's PostgreSQL, started as the official image starts its own.
FROM rl-arena-stand-in/debian
RUN apt-get update && apt-get install -y --no-install-recommends postgresql \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -m 700 -o postgres -g postgres /var/lib/postgresql/data
COPY postgresql.sh /usr/local/bin/
ENV PGDATA=/var/lib/postgresql/data
USER postgres
# A fast shutdown, which breaks connections off.
STOPSIGNAL SIGINT
ENTRYPOINT ["postgresql.sh"]
