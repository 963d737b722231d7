# The bot in a container: the program and its dependencies, an unprivileged user, and one writable folder, /data.
# Build: docker build --tag ainews .          Try: docker run --rm ainews demo

FROM python:3.12-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src

# A virtual environment without pip of its own: it is copied whole, and nothing in it can install anything.
RUN python -m venv --without-pip /opt/ainews

# Dependencies first: their layer is built anew when they change, not when our code does.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > requirements.txt \
    && pip --python /opt/ainews/bin/python install --only-binary :all: \
        --constraint constraints.txt --requirement requirements.txt

COPY LICENSE README.md ./
COPY templates templates
COPY digest digest
COPY bot bot
# EXTRAS: bedrock, vertex or both with a comma, for Claude on those clouds.
ARG EXTRAS=""
RUN pip --python /opt/ainews/bin/python install --constraint constraints.txt ".${EXTRAS:+[$EXTRAS]}"


FROM python:3.12-slim-bookworm

LABEL org.opencontainers.image.title="ainews" \
      org.opencontainers.image.description="A Slack bot that brings a team the few AI-news stories a day that matter to it." \
      org.opencontainers.image.licenses="MIT"

# A fixed number, so that a folder of the host can be given to it and Kubernetes can see that it is not root.
RUN groupadd --gid 10001 ainews \
    && useradd --uid 10001 --gid ainews --no-create-home --home-dir /data --shell /usr/sbin/nologin ainews \
    && install --directory --owner ainews --group ainews --mode 0700 /data \
    && pip uninstall --yes --quiet --root-user-action ignore pip

COPY --from=build /opt/ainews /opt/ainews

# Nothing outside /data is ever written, so the root file system may be read-only; logs go to standard error at once.
ENV PATH=/opt/ainews/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AINEWS_DATA_DIR=/data \
    AINEWS_LOG_FORMAT=json \
    AINEWS_METRICS_PORT=9464 \
    AINEWS_METRICS_HOST=0.0.0.0

USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
STOPSIGNAL SIGTERM
# Asked of the process itself, so one that hangs is seen; what runs once and ends answers nothing, and needs no watching.
HEALTHCHECK --interval=1m --timeout=10s --start-period=30s --retries=3 CMD ["ainews", "health"]
ENTRYPOINT ["ainews"]
CMD ["--help"]
