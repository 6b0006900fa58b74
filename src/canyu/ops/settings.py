"""What Django reads; every choice a person may make is in ``canyu.ops.config``."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from canyu.ops.config import load_config
from canyu.ops.database import build_sqlite_database, parse_database_url
from canyu.ops.secret import get_secret_key

CONFIG = load_config()
CONSOLE = Path(__file__).resolve().parent.parent / "console"

DEBUG = False
SECRET_KEY = CONFIG.secret_key.get_secret_value() or get_secret_key(CONFIG.state_path)
ALLOWED_HOSTS = list(CONFIG.hosts)
ROOT_URLCONF = "canyu.console.urls"
WSGI_APPLICATION = "canyu.ops.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "canyu.console",
    "canyu.ops.people",
    "canyu.ops.alerts",
    "canyu.ops.labels",
    "canyu.ops.kols",
    "canyu.ops.campaigns",
    "canyu.ops.campaigns.charity",
    "canyu.ops.campaigns.lives",
    "canyu.ops.campaigns.reading",
    "canyu.ops.campaigns.posters",
    "canyu.ops.campaigns.challenges",
    "canyu.ops.care",
    "canyu.ops.crisis",
    "canyu.ops.crisis.response",
    "canyu.ops.ledger",
    "canyu.ops.offers",
    "canyu.ops.offers.drops",
    "canyu.ops.outbox",
    "canyu.ops.sources",
    "canyu.ops.links",
    "canyu.ops.fans",
    "canyu.ops.proof",
    "canyu.ops.queue",
    "canyu.ops.knowledge",
    "canyu.ops.stations",
    "canyu.ops.studies",
    "canyu.ops.wechat",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "canyu.console.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "canyu.ops.gate.GateMiddleware",
    "canyu.console.mishaps.MishapMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [CONSOLE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "canyu.console.context.describe_page",
            ]
        },
    }
]

DATABASES = {
    "default": parse_database_url(CONFIG.database_url.get_secret_value())
    if CONFIG.database_url.get_secret_value()
    else build_sqlite_database(CONFIG.state_path)
}
# In the database, so that the limit on failed sign-ins counts over all web processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "console_cache",
        # Brakes on programs and on guessed passwords live here: with the usual 300 a crowd washes them away.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Jobs: rows in the database, so that one is there where what asked for it was committed
TASKS = {
    "default": {
        "BACKEND": "canyu.ops.queue.kinds.LeasedBackend",
        "QUEUES": ["quick", "slow"],
        "OPTIONS": {"id_function": "canyu.ops.queue.kinds.find_next_id"},
    }
}

# People
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "canyu.ops.people.validators.DifferentPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "canyu.ops.people.adapter.ClosedDoorAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if CONFIG.mail_host else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT, DEFAULT_FROM_EMAIL = CONFIG.mail_host, CONFIG.mail_port, CONFIG.mail_from
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = CONFIG.mail_user, CONFIG.mail_password.get_secret_value()
EMAIL_USE_TLS, EMAIL_USE_SSL = CONFIG.mail_security == "starttls", CONFIG.mail_security == "tls"
EMAIL_TIMEOUT = 30  # seconds
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": f"30/m/ip,{CONFIG.login_failures_per_5_minutes}/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if CONFIG.trust_proxy else 0
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Canyu"
MFA_TOTP_TOLERANCE = 1  # half minutes: a code read just before it changes still opens (RFC 6238, 5.2)
SESSION_COOKIE_AGE = int(timedelta(hours=CONFIG.session_hours).total_seconds())

# Languages and time
LANGUAGE_CODE = CONFIG.language
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [CONSOLE / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = CONFIG.zone

# Files
STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "canyu.console.assets.HashedQueryStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = int(timedelta(days=365).total_seconds())  # safe: an address carries the hash of its file

FILE_UPLOAD_HANDLERS = [
    "canyu.ops.uploads.LimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Doors and windows
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = CONFIG.https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = CONFIG.https
SECURE_HSTS_SECONDS = int(timedelta(days=CONFIG.hsts_days).total_seconds()) if CONFIG.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG.trust_proxy else None
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "canyu.console.mishaps.show_csrf_failure"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # a refused or mistyped address is not a fault of the server: only failures are written down
    "loggers": {"django.request": {"level": "ERROR"}, "canyu.people": {"level": "INFO"}},
}
