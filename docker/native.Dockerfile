# Image of one service as a native program. Its sources are made on this machine, without GraalVM:
#   mvn -pl gateway -am package -DskipTests -Dquarkus.native.enabled=true -Dquarkus.native.sources-only=true
#   docker build -f docker/native.Dockerfile --build-arg SERVICE=gateway --build-arg PORT=8080 \
#     --build-arg BUILDER_IMAGE=... -t rl-arena/gateway:native .
# The builder: an image with native-image (Mandrel's or GraalVM's) for the JDK that the sources want;
# it has no default. The base: a system with glibc and bash.
ARG BUILDER_IMAGE
ARG BASE_IMAGE=debian:12-slim
FROM ${BUILDER_IMAGE} AS built
USER root
ARG SERVICE
COPY ${SERVICE}/target/native-sources/ /project/
WORKDIR /project
RUN native-image $(cat native-image.args) -o service

FROM ${BASE_IMAGE}
RUN groupadd --gid 10001 arena && useradd --uid 10001 --gid arena --no-create-home arena \
    && install -d -o arena -g arena /var/lib/arena/keys /var/lib/arena/objects
COPY docker/healthy.sh /usr/local/bin/healthy
COPY --from=built /project/service /app/service
WORKDIR /app
ARG PORT
ENV LANG=C.UTF-8 QUARKUS_HTTP_HOST=0.0.0.0 QUARKUS_HTTP_PORT=${PORT}
EXPOSE ${PORT}
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=6 CMD ["healthy"]
ENTRYPOINT ["/app/service"]
