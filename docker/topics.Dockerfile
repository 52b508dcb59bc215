# One-shot image that creates the topics of contracts/asyncapi.yaml and ends.
# `./arena images` builds it.
ARG JAVA_IMAGE=eclipse-temurin:25-jre
FROM ${JAVA_IMAGE}
COPY embedded-infra/target/embedded-infra.jar /app/
COPY embedded-infra/target/lib/ /app/lib/
USER 10001:10001
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-cp", "/app/embedded-infra.jar", "org.rlarena.infra.TopicsMain"]
