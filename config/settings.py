"""Every setting, read once from the environment. Safe by default: with nothing set this is production, and it
refuses to start until the secrets are there. `docs/operating.md` lists each name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import environment as env
from config.beats import *  # noqa: F403
from config.floors import *  # noqa: F403  settings too, in files of their own
from config.logs import logging_for
from config.machines import *  # noqa: F403
from config.operated import *  # noqa: F403
from config.outside import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent

MODE = env.text("MODE", "production")
if MODE not in {"production", "development", "test"}:
    raise ImproperlyConfigured(f"LANTERN_MODE must be production, development or test, not {MODE!r}.")
PRODUCTION = MODE == "production"
VAR = Path(env.text("VAR", str(BASE_DIR / "var")))

DEBUG = False  # also in development: the error pages people meet are the ones we look at
SECRET_KEY = env.secret("SECRET_KEY", needed=PRODUCTION)
SEALING_KEYS = env.secrets("SEALING_KEYS", needed=PRODUCTION)  # newest first: it seals, and all of them open
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,testserver")
BASE_URL = env.text("BASE_URL", "" if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
if PRODUCTION and not (ALLOWED_HOSTS and BASE_URL.startswith("https://")):
    raise ImproperlyConfigured("Set LANTERN_ALLOWED_HOSTS, and LANTERN_BASE_URL to an https:// address.")

# ── What it is made of, top floor last ────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "audit",
    "accounts",
    "network",
    "delivery",
    "directory",
    "alerts",
    "training",
    "charter",
    "reports",
    "api",
]
if not PRODUCTION:
    INSTALLED_APPS.append("demonstration")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.SignInFirstMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "network.middleware.StandingMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reports.chrome.page_furniture",
                "accounts.context.organisation",
                *([] if PRODUCTION else ["demonstration.signing_in.help_with"]),
            ],
        },
    },
]

# ── Where things are kept ─────────────────────────────────────────────────────────────────────────────────────────────
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", f"sqlite:///{VAR / 'lantern.sqlite3'}"),
        conn_max_age=env.number("DATABASE_KEEP_SECONDS", 600),
        conn_health_checks=True,
    )
}
if password := env.text("DATABASE_PASSWORD"):
    DATABASES["default"]["PASSWORD"] = password
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {  # many processes write to one file: wait for the lock, take it at the start
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=27103364;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHE_URL = env.text("CACHE_URL")
if PRODUCTION and not CACHE_URL:
    raise ImproperlyConfigured("Set LANTERN_CACHE_URL to a Redis address: sign-in lock-outs are counted there.")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
STATIC_URL = "static/"
# Elsewhere files are served from where they are kept, so nothing is gathered.
STATIC_ROOT = VAR / "static" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "assets" / "built"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

# ── Who may come in ───────────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people do not sign up: an invitation binds the address
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# Passwords and codes alike: from one place, and for one address or one person's codes.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key"} if MODE != "test" else False
MFA_RATE_LIMITS = {"webauthn_login": "10/m/ip"} if MODE != "test" else False
MFA_ADAPTER = "accounts.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_REAUTHENTICATION_REQUIRED = False  # accounts.factors asks, in its own way
MFA_PASSKEY_LOGIN_ENABLED = True  # a passkey that has checked its owner is both factors
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost
# An organisation's own sign-in (OpenID Connect), in place of our password: off unless configured, all of it.
OIDC_ISSUER = env.text("OIDC_ISSUER").rstrip("/")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")
OIDC_NAME = env.text("OIDC_NAME")
if len({bool(each) for each in (OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME)}) > 1:
    raise ImproperlyConfigured("Set all of LANTERN_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET and _NAME, or none of them.")
if PRODUCTION and OIDC_ISSUER and not OIDC_ISSUER.startswith("https://"):
    raise ImproperlyConfigured("LANTERN_OIDC_ISSUER must be an https:// address.")
ANONYMOUS_USER_NAME = None  # django-guardian: nobody who has not signed in holds a grant
GUARDIAN_MONKEY_PATCH_USER = False
SILENCED_SYSTEM_CHECKS = [
    "guardian.W001"
]  # its backend would be a second way to ask “may you?”: network/grants.py asks
SESSION_COOKIE_AGE = env.number("SESSION_SECONDS", 12 * 3600)  # however busy
SESSION_IDLE_SECONDS = env.number("SESSION_IDLE_SECONDS", 30 * 60)
MOBILE_REVEALS_A_DAY = env.number("MOBILE_REVEALS_A_DAY", 20)  # how many mobile numbers one person may ask for
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# ── Safe on the wire ──────────────────────────────────────────────────────────────────────────────────────────────────
SECURE_SSL_REDIRECT = PRODUCTION and env.flag("HTTPS_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
ALLAUTH_TRUSTED_PROXY_COUNT = 0
if env.flag("BEHIND_PROXY"):  # only when a proxy of ours sets, and strips, this header
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # lock-outs count the visitor's own address, as our proxy reports it
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# ── Words and times ───────────────────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

# ── Messages out ──────────────────────────────────────────────────────────────────────────────────────────────────────
EMAIL_BACKEND = "accounts.outgoing.Backend"
EMAIL_HOST = env.text("SMTP_HOST", "localhost")
EMAIL_PORT = env.number("SMTP_PORT", 25 if PRODUCTION else 1025)
EMAIL_HOST_USER = env.text("SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("SMTP_TLS", default=PRODUCTION)
EMAIL_TIMEOUT = 60  # seconds; a short one would manufacture repeats, RFC 5321 section 4.5.3.2
DEFAULT_FROM_EMAIL = env.text("FROM_EMAIL", "Lantern <alerts@lantern.example>")
WEBHOOKS_TO_LOOPBACK = env.flag("WEBHOOKS_TO_LOOPBACK", default=MODE == "development")
if PRODUCTION and WEBHOOKS_TO_LOOPBACK:
    raise ImproperlyConfigured(
        "LANTERN_WEBHOOKS_TO_LOOPBACK lets agencies call this machine itself: not in production."
    )

# ── Bells ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
BROKER_FOLDER = VAR / "broker"
CELERY_BROKER_URL = env.text("BROKER_URL", "" if PRODUCTION else "filesystem://")
if not CELERY_BROKER_URL:
    raise ImproperlyConfigured("Set LANTERN_BROKER_URL to a Redis address: it carries the bells between processes.")
if CELERY_BROKER_URL.startswith("filesystem"):
    for folder in (BROKER_FOLDER, BROKER_FOLDER / "control"):
        folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_FOLDER),
        "data_folder_out": str(BROKER_FOLDER),
        "control_folder": str(BROKER_FOLDER / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
    # Without a server for the bells, processes of a pool share one lock, and one that is killed takes it along: the
    # others would wait for it for ever.
    CELERY_WORKER_POOL = "threads"
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 30}  # ring late, never hang
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "routine"
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_DB_REUSE_MAX = 10_000  # a new database connection for each task halves the speed
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")

LOGGING_CONFIG = None
logging_for(MODE)
