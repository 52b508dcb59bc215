# For KAFKA_IMAGE: the broker among the jars of the topics' image, as a server of its own.
ARG TOPICS_IMAGE=rl-arena/topics
FROM ${TOPICS_IMAGE}
USER root
RUN useradd --system appuser \
    && install -d -o appuser /opt/kafka/config /var/lib/kafka/data /mnt/shared/config \
    && install -d /etc/kafka/docker \
    && touch /etc/kafka/docker/server.properties /etc/kafka/docker/log4j2.yaml \
        /etc/kafka/docker/tools-log4j2.yaml
COPY kafka.sh /usr/local/bin/
USER appuser
ENTRYPOINT ["kafka.sh"]
