# One-shot image that creates the topics of contracts/asyncapi.yaml and ends.
#   docker build -f docker/topics.Dockerfile -t rl-arena/topics .
FROM eclipse-temurin:25-jre
COPY embedded-infra/target/embedded-infra.jar /app/
COPY embedded-infra/target/lib/ /app/lib/
USER 10001:10001
ENTRYPOINT ["java", "-cp", "/app/embedded-infra.jar", "org.rlarena.infra.TopicsMain"]
