# Image of one JVM service. Build the service first, then, from the root of the repository:
#   docker build -f docker/service.Dockerfile --build-arg SERVICE=auth-service -t rl-arena/auth-service .
FROM eclipse-temurin:25-jre
ARG SERVICE
RUN groupadd --gid 10001 arena && useradd --uid 10001 --gid arena --no-create-home arena \
    && mkdir -p /var/lib/arena/objects && chown -R arena:arena /var/lib/arena
COPY --chown=root:root ${SERVICE}/target/quarkus-app/ /app/
USER 10001:10001
WORKDIR /app
ENV JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError"
ENTRYPOINT ["java", "-jar", "quarkus-run.jar"]
