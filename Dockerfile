# syntax=docker/dockerfile:1
# Lantern for production: the front end and the wheels are built apart, so neither npm nor pip is in what runs.

FROM node:24-bookworm-slim AS front-end
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY assets assets
RUN npm run build

FROM python:3.13-slim-bookworm AS wheels
COPY requirements/serve.txt /build/serve.txt
RUN python -m venv /opt/lantern \
    && /opt/lantern/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r /build/serve.txt

FROM python:3.13-slim-bookworm
ENV PATH=/opt/lantern/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings
RUN groupadd --system --gid 10001 lantern \
    && useradd --system --uid 10001 --gid lantern --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin lantern
COPY --from=wheels /opt/lantern /opt/lantern
WORKDIR /srv/lantern
COPY --from=front-end /build/assets/built assets/built
COPY manage.py ./
COPY accounts accounts
COPY alerts alerts
COPY api api
COPY audit audit
COPY charter charter
COPY config config
COPY delivery delivery
COPY directory directory
COPY network network
COPY reports reports
COPY templates templates
COPY training training
# Collecting files asks neither database nor broker nor anybody; the settings only want to be complete.
RUN LANTERN_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    LANTERN_SEALING_KEYS="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    LANTERN_ALLOWED_HOSTS=localhost LANTERN_BASE_URL=https://localhost \
    LANTERN_BROKER_URL=redis://localhost LANTERN_CACHE_URL=redis://localhost \
    python manage.py collectstatic --no-input --verbosity 0
USER lantern:lantern
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ['LANTERN_ALLOWED_HOSTS'].split(',')[0].lstrip('.')}), timeout=4)"]
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-", "--logger-class", "config.access_log.AccessLog"]
