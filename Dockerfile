# syntax=docker/dockerfile:1
# The gateway as an image: no shell between it and its signals, no root, and nothing that it writes to.
# A release gives PYTHON with a digest; any image with Python 3.11 to 3.13, venv and CA certificates will do.
ARG PYTHON=docker.io/library/python:3.11-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /src
RUN python3 -m venv /opt/gateway
# What changes seldom comes first: an edit of the code fetches no package.
COPY requirements.txt ./
RUN /opt/gateway/bin/python -m pip install --disable-pip-version-check --no-cache-dir --quiet \
        --require-hashes --only-binary=:all: --no-deps -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY gateway ./gateway
# The tools that built it stay behind, and so do botocore's models of services: it signs, and calls nothing.
RUN /opt/gateway/bin/python -m pip install --disable-pip-version-check --no-cache-dir --quiet \
        --no-deps --no-build-isolation . \
 && /opt/gateway/bin/python -m pip uninstall --quiet --yes setuptools pip \
 && find /opt/gateway/lib/python3*/site-packages/botocore/data -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +

FROM ${PYTHON}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="gateway" \
      org.opencontainers.image.description="A self-hosted AI gateway: one process, one YAML file" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/gateway /opt/gateway
ENV PATH=/opt/gateway/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
WORKDIR /etc/gateway
EXPOSE 8787
STOPSIGNAL SIGTERM
# No HEALTHCHECK: Kubernetes does not read it, and compose.yaml has one.
ENTRYPOINT ["gateway"]
CMD ["serve", "--config", "/etc/gateway/gateways.yaml", "--host", "0.0.0.0"]
