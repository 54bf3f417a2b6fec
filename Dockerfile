# docker build --tag daishan .
FROM rust:1.95-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY config config
COPY migrations migrations
COPY src src
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/build/target,sharing=locked \
    cargo build --release --locked --no-default-features --features system-libpq \
    && install -D target/release/daishan /out/daishan

FROM debian:bookworm-slim
# libpq5 follows Debian's security updates, so its version is not pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 65532 daishan \
    && useradd --uid 65532 --gid 65532 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin daishan
COPY LICENSE /usr/share/doc/daishan/LICENSE
COPY --from=build /out/daishan /usr/local/bin/daishan

LABEL org.opencontainers.image.title="daishan-credit" \
      org.opencontainers.image.description="Turns a merchant's compliance history into a credit tier that a bank can ask for" \
      org.opencontainers.image.licenses="Apache-2.0"

# A county's own settings, cards and kinds are mounted at /etc/daishan/config.
WORKDIR /etc/daishan
ENV DAISHAN_SERVER__LISTEN=0.0.0.0:8080
EXPOSE 8080
USER 65532:65532
# Readiness is asked over HTTP by whoever runs the container.
HEALTHCHECK NONE
ENTRYPOINT ["daishan"]
CMD ["serve"]
