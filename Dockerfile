# Two stages: the wheel and its libraries are built in the first, the second runs them as an ordinary user.
FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml constraints.txt hatch_build.py README.md LICENSE ./
COPY src ./src
COPY rules ./rules
COPY frameworks ./frameworks
COPY docs/schema ./docs/schema
COPY fixtures/trading-engine ./fixtures/trading-engine
RUN python -m venv /opt/compliance-scan \
 && /opt/compliance-scan/bin/pip install --no-cache-dir --constraint constraints.txt ".[aws,postgresql]" \
 && /opt/compliance-scan/bin/python -m compileall -q /opt/compliance-scan/lib

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="compliance-scan" \
      org.opencontainers.image.description="Policy-as-code compliance scanner for Terraform, Kubernetes and AWS" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 scan \
 && useradd --system --uid 10001 --gid scan --home-dir /home/scan --create-home scan
COPY --from=build /opt/compliance-scan /opt/compliance-scan
ENV PATH=/opt/compliance-scan/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_DATA_HOME=/data XDG_STATE_HOME=/data XDG_CACHE_HOME=/tmp
WORKDIR /work
USER 10001:10001
HEALTHCHECK NONE
ENTRYPOINT ["compliance-scan"]
CMD ["scan", "."]
