# Two stages: one installs with the steps of `make install`, the other carries the result.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends make
WORKDIR /seans
COPY Makefile pyproject.toml package.json hatch_build.py README.md LICENSE ./
COPY tools tools
COPY sessions sessions
COPY streamer streamer
COPY static static
RUN make install

FROM python:3.11-slim-bookworm
RUN useradd --system --home-dir /data --uid 10001 seans && mkdir /data /media && chown seans /data
COPY --from=build /seans /seans
WORKDIR /seans
USER seans
ENV SEANS_HOST=0.0.0.0 SEANS_MEDIA=/media SEANS_DATA=/data PYTHONUNBUFFERED=1
VOLUME ["/data", "/media"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD [".venv/bin/python", "-c", \
  "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT [".venv/bin/python", "-m", "streamer"]
