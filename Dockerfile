# Both architectures are built on the builder's, with Debian's cross compiler. To renew
# the base, name the newest patch release of the same Go here and in .github/workflows.
FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
ARG BUILDARCH
ARG TARGETARCH
RUN case $BUILDARCH-$TARGETARCH in \
        amd64-arm64) packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;; \
        arm64-amd64) packages="gcc-x86-64-linux-gnu libc6-dev-amd64-cross" ;; \
        *) exit 0 ;; \
    esac && apt-get update -q && apt-get install -qy --no-install-recommends $packages
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN mkdir -p /out/data \
    && deploy/build "$TARGETARCH" /out/plusofon-bot \
    && deploy/notices /usr/share/doc/ca-certificates/copyright >/out/NOTICES

# The binary carries the time zones; the certificates come from the build image.
FROM scratch
LABEL org.opencontainers.image.title="plusofon-bot" \
      org.opencontainers.image.description="Plusofon support tickets in Telegram" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/LICENSE /out/NOTICES /usr/share/doc/plusofon-bot/
COPY --from=build /out/plusofon-bot /plusofon-bot
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV DATABASE_PATH=/data/plusofon-bot.db
# There is no shell in the image: the program checks itself.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=2 CMD ["/plusofon-bot", "healthcheck"]
ENTRYPOINT ["/plusofon-bot"]
