# syntax=docker/dockerfile:1

# Builds the jar with the PostgreSQL programs of this platform.
FROM eclipse-temurin:25-jdk AS build
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw -B -q -pl app -am -DskipTests package

FROM eclipse-temurin:25-jre
RUN groupadd --gid 10001 runledger \
 && useradd --uid 10001 --gid runledger --home-dir /app --no-create-home runledger \
 && mkdir -p /app /data \
 && chown runledger:runledger /app /data
WORKDIR /app
USER runledger
COPY --from=build --chown=runledger /source/app/target/runledger.jar ./
# One start with the embedded database trains the cache that halves every later start.
RUN java -XX:AOTCacheOutput=runledger.aot -Dspring.context.exit=onRefresh -jar runledger.jar \
        --runledger.data-dir=/tmp/training \
 && rm -rf /tmp/training
ENV RUNLEDGER_DATA_DIR=/data \
    RUNLEDGER_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["java", "-XX:AOTCache=runledger.aot", "-Xlog:aot*=off", "-XX:MaxRAMPercentage=70", "--enable-native-access=ALL-UNNAMED", "-jar", "runledger.jar"]
