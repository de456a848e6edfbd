FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The tags are the same as in .ci/run and .golangci.yml.
RUN CGO_ENABLED=1 go build -trimpath \
        -tags netgo,osusergo,sqlite_omit_load_extension \
        -ldflags '-s -w -extldflags "-static"' \
        -o /out/plusofon-bot . \
    && mkdir /out/data

# The binary carries the time zones; the certificates come from the build image.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/plusofon-bot /plusofon-bot
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV DATABASE_PATH=/data/plusofon-bot.db
# There is no shell in here: the program looks at itself.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=2 CMD ["/plusofon-bot", "healthcheck"]
ENTRYPOINT ["/plusofon-bot"]
