"""Settings of every process, fed by the environment through one typed reader.

Each variable stands in the tables of docs/settings.md with its default; a test keeps the two equal. Secrets
have no usable default outside DEBUG: `manage.py check --deploy` and the start itself refuse what is impossible.
"""

import json
import re
import sys
from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, validate
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff

from chats.telemetry import logs
from chats.telemetry.secrets import password_of
from oasst_site.program import IS_CELERY

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()


@env.parser_for("names")
def read_names(value: str) -> list[str]:
    """Names separated by commas, or a JSON list of them, as Open-Assistant's environment has."""
    if value.strip().startswith("["):
        try:
            names = json.loads(value)
        except ValueError as error:
            raise EnvError(f"It begins like a JSON list and is none: {error}.") from error
        if not all(isinstance(name, str) for name in names):
            raise EnvError("It must be a list of strings.")
        return list(names)
    return [name for part in value.split(",") if (name := part.strip())]


@env.parser_for("url_path")
def read_url_path(value: str) -> str:
    """The path of a URL without a slash at its end: "/chat/" is "/chat", "/" is empty."""
    path = value.strip().rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise EnvError("It must be a path that begins with a slash, like /chat.")
    return path


# --- the site ---

DEBUG = env.bool("DEBUG", False)
DEVELOPMENT_KEY = "for-development-only-do-not-use-in-production"
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is empty. Beside a running `make run`, load its settings first:  set -a; . .local/env; set +a. "
            "Elsewhere set it to a long random string; with DEBUG=true none is needed."
        )
    SECRET_KEY = DEVELOPMENT_KEY
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["*"] if DEBUG else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
PATH_PREFIX = env.url_path("PATH_PREFIX", "")  # where the site begins on its host, like /chat; empty: at its root
FORCE_SCRIPT_NAME = PATH_PREFIX or None
APPEND_SLASH = False  # Open-Assistant's clients call paths without a slash; only /api/account/ ends in one

ROOT_URLCONF = "oasst_site.urls"
ASGI_APPLICATION = "oasst_site.asgi.application"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "page"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # For `runserver` alone: it loads Twisted, which no worker and no command needs. The web process loads it by itself.
    *(["daphne"] if "runserver" in sys.argv else []),
    # No worker shows the admin's pages: it does without their modules.
    "django.contrib.admin.apps.SimpleAdminConfig" if IS_CELERY else "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "chats",
    "chats.page",
    "workers",
    "oasst_site.accounts",
    "oasst_site.doctor",
    "oasst_site.openapi",
    # after our accounts, whose templates come first
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.discord",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "oasst_site.stack",
]

MIDDLEWARE = [
    "oasst_site.web.scrape.Scrape",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "oasst_site.web.policy.Policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "oasst_site.web.refusals.Refusals",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "chats.page.looks.looks",
            ],
        },
    },
]

USE_TZ = True
TIME_ZONE = "UTC"

# --- languages: those of chats/locale, and English, which stands in the code ---

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "chats" / "locale"]  # before those of the libraries: one word for one thing
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- Postgres ---

DATABASE_URL = env.str("DATABASE_URL", "postgres://postgres:postgres@localhost:5432/postgres")
DATABASES = {"default": env.dj_db_url("DATABASE_URL", DATABASE_URL)}
DATABASE_THREADS = env.int("DATABASE_THREADS", 4)  # requests that one web process works on at a time
DATABASES["default"] |= {
    "ENGINE": "oasst_site.database",
    "CONN_MAX_AGE": 0,  # the pool keeps the connections
    "CONN_HEALTH_CHECKS": True,  # without it one error after every restart of the server
    "OPTIONS": DATABASES["default"].get("OPTIONS", {})
    | {
        "connect_timeout": 2,
        # The same few statements over and over: Postgres plans each once per connection. Not through a pooler that
        # gives every transaction another connection.
        **({"server_side_binding": True, "prepare_threshold": 3} if env.bool("DATABASE_PREPARE", True) else {}),
        "pool": {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL_SIZE", 20),  # connections of one process
            "timeout": 1.5,  # seconds a request waits for a connection, so that its caller has an answer within 3
            "reconnect_timeout": 1.0,  # a longer one doubles its pauses, and Postgres is back long before they end
        },
    },
}

# --- Redis: stream buffer, sessions, Channels layer, and the broker unless another is given ---------------------------

REDIS_URL = env.str("REDIS_URL", "redis://localhost:6379/0")
REDIS_TIMEOUT_S = 1.0  # a request's own calls: its caller has an answer within 3 s even while Redis hangs

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S},
    }
}

CHANNEL_LAYERS = {
    "default": {
        # The pub/sub layer: the core layer drops what exceeds its capacity.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": REDIS_URL,
                    # With the newer protocol redis-py makes a text of each message that it hears, for its debug log.
                    "protocol": 2,
                    "socket_timeout": 5,
                    "socket_connect_timeout": 2,
                    "retry": AsyncRetry(ExponentialBackoff(cap=0.5, base=0.05), 3),
                }
            ]
        },
    }
}

# --- Celery ---

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "socket_timeout": 2,  # above 1: BRPOP waits one second
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
        # A ticket to a broker that refuses is given up at once, not after the two seconds in which kombu tries again.
        "max_retries": 1,
        "interval_start": 0,
        # A ticket is a seat and the claim is in Postgres, so a second delivery costs nothing: restore soon.
        "visibility_timeout": env.int("TICKET_VISIBILITY_TIMEOUT_S", 3600),
    }
    if CELERY_BROKER_URL.startswith(("redis:", "rediss:", "unix:"))
    else {}
)

# --- chats ---

MESSAGE_MAX_LENGTH = env.int("MESSAGE_MAX_LENGTH", 100_000)  # characters of a prompt
CHAT_MAX_MESSAGES = env.int("CHAT_MAX_MESSAGES", 10_000)
FAIR_SHARE_S = env.float("FAIR_SHARE_S", 10.0)  # seconds a message moves back per message its user already has waiting
ASSISTANT_MESSAGE_TIMEOUT = env.int("ASSISTANT_MESSAGE_TIMEOUT", 3600)  # seconds a reply may wait before it times out
WORK_QUEUE_MAX_SIZE = env.int("WORK_QUEUE_MAX_SIZE", 0)  # replies that may wait for one model; 0: no limit
MAX_PENDING_PER_USER = env.int("MAX_PENDING_PER_USER", 0)  # replies of one user that may wait; 0: no limit
USER_DAILY_TOKENS = env.int("USER_DAILY_TOKENS", 0)  # tokens generated per user and day (UTC); 0: no limit
MAX_ATTEMPTS = env.int("MAX_ATTEMPTS", 5)  # how often a reply is begun or taken up again before it is aborted

TITLE_MODEL = env.str("TITLE_MODEL", "")  # model that names chats after their first reply; empty: the first prompt

# --- retention: days after which it goes; 0: never ---

RETENTION_HIDDEN_CHATS_DAYS = env.int("RETENTION_HIDDEN_CHATS_DAYS", 0)
RETENTION_WORKER_EVENTS_DAYS = env.int("RETENTION_WORKER_EVENTS_DAYS", 90)
RETENTION_COMPLIANCE_CHECKS_DAYS = env.int("RETENTION_COMPLIANCE_CHECKS_DAYS", 90)

# --- limits ---

RATE_LIMIT = env.bool("RATE_LIMIT", not DEBUG)  # false: none of the RATE_LIMIT_... below
RATE_LIMIT_MESSAGES_USER_TIMES = env.int("RATE_LIMIT_MESSAGES_USER_TIMES", 20)  # prompts, and replies, of one user
RATE_LIMIT_MESSAGES_USER_SECONDS = env.int("RATE_LIMIT_MESSAGES_USER_SECONDS", 600)
RATE_LIMIT_LOGIN_TIMES = env.int("RATE_LIMIT_LOGIN_TIMES", 10)  # passwords tried for one name from one address
RATE_LIMIT_LOGIN_SECONDS = env.int("RATE_LIMIT_LOGIN_SECONDS", 300)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)  # proxies in front that add to X-Forwarded-For
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", 8 * 1024 * 1024)  # of one HTTP request
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# --- workers ---

ENGINE_TOKEN_TIMEOUT_S = env.float("ENGINE_TOKEN_TIMEOUT_S", 60.0)  # seconds without a token: the engine hangs
ALIVE_FILE = env.str("ALIVE_FILE", "")  # touched by a worker process twice a second, for probes of containers
ENGINE_API_KEY = env.str("ENGINE_API_KEY", "")  # what the engine asks for; a worker's own key is API_KEY
WORKER_KEYS_REQUIRED = env.bool("WORKER_KEYS_REQUIRED", not DEBUG)  # a model's worker must present a key
DEBUG_API_KEYS: list[str] = env.names("DEBUG_API_KEYS", "")  # worker keys that are good without a row, with DEBUG only

COMPLIANCE_CHECK_INTERVAL = env.float("COMPLIANCE_CHECK_INTERVAL", 60.0)  # seconds between checks of a worker
COMPLIANCE_CHECK_TIMEOUT = env.float("COMPLIANCE_CHECK_TIMEOUT", 60.0)  # seconds for the answer
COMPLIANCE_FAIL_ACTION = env.str("COMPLIANCE_FAIL_ACTION", "note", validate=validate.OneOf(["note", "disable"]))

METRICS_TOKEN = env.str("METRICS_TOKEN", "")  # bearer token of /metrics; empty: whoever reaches it may read

# --- accounts ---

ALLOW_DEBUG_AUTH = env.bool("ALLOW_DEBUG_AUTH", DEBUG)
ROOT_TOKEN = env.str("ROOT_TOKEN", "")  # bearer token of /api/admin beside staff's own; empty: none
TRUSTED_CLIENT_KEYS: list[str] = env.list("TRUSTED_CLIENT_KEYS", [])
AUTHENTICATION_BACKENDS = ["oasst_site.accounts.backends.LimitedModelBackend"]
ALLOW_SIGNUP = env.bool("ALLOW_SIGNUP", False)  # people may register with a name and a password
ACCOUNT_ADAPTER = "oasst_site.accounts.social.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = False
SOCIALACCOUNT_ADAPTER = "oasst_site.accounts.social.SocialAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # Open-Assistant's GET /auth/login/{provider}
SOCIALACCOUNT_QUERY_EMAIL = False
AUTH_GITHUB_CLIENT_ID = env.str("AUTH_GITHUB_CLIENT_ID", "")
AUTH_GITHUB_CLIENT_SECRET = env.str("AUTH_GITHUB_CLIENT_SECRET", "")
AUTH_GOOGLE_CLIENT_ID = env.str("AUTH_GOOGLE_CLIENT_ID", "")
AUTH_GOOGLE_CLIENT_SECRET = env.str("AUTH_GOOGLE_CLIENT_SECRET", "")
AUTH_DISCORD_CLIENT_ID = env.str("AUTH_DISCORD_CLIENT_ID", "")
AUTH_DISCORD_CLIENT_SECRET = env.str("AUTH_DISCORD_CLIENT_SECRET", "")
SOCIALACCOUNT_PROVIDERS = {
    name: {"APP": {"client_id": key, "secret": secret}, "OAUTH_PKCE_ENABLED": True}
    for name, key, secret in (
        ("github", AUTH_GITHUB_CLIENT_ID, AUTH_GITHUB_CLIENT_SECRET),
        ("google", AUTH_GOOGLE_CLIENT_ID, AUTH_GOOGLE_CLIENT_SECRET),
        ("discord", AUTH_DISCORD_CLIENT_ID, AUTH_DISCORD_CLIENT_SECRET),
    )
    if key and secret
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=env.int("ACCESS_TOKEN_LIFETIME_S", 3600)),
    "REFRESH_TOKEN_LIFETIME": timedelta(seconds=env.int("REFRESH_TOKEN_LIFETIME_S", 14 * 24 * 3600)),
    "ROTATE_REFRESH_TOKENS": False,
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oasst_site.accounts.authentication.BearerAuthentication",
        "oasst_site.accounts.trusted.TrustedClientAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "oasst_site.accounts.scopes.WithinKeysScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["chats.api.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["chats.api.rendering.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "chats.api.rendering.AnyAccept",
    "DEFAULT_SCHEMA_CLASS": "oasst_site.openapi.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["chats.api.throttles.MessageThrottle"],
    "NUM_PROXIES": TRUSTED_PROXIES,
    "EXCEPTION_HANDLER": "chats.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Open-Assistant inference",
    "DESCRIPTION": "Open-Assistant's inference API, what this service adds to it, and an OpenAI-compatible API.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "SERVERS": [{"url": PATH_PREFIX}] if PATH_PREFIX else [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "PREPROCESSING_HOOKS": ["oasst_site.openapi.schema.only_the_api"],
    "POSTPROCESSING_HOOKS": ["oasst_site.openapi.schema.add_components"],
    "SWAGGER_UI_DIST": "SIDECAR",  # our own files: no other host is asked for anything
    "SWAGGER_UI_FAVICON_HREF": None,
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
}

# --- browser ---

STATIC_URL = f"{PATH_PREFIX}/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
NODE_MODULES = BASE_DIR / "chats" / "page" / "node_modules"
STATICFILES_DIRS = [
    (f"vendor/{name}", NODE_MODULES / folder)
    for name, folder in {
        "marked": "marked/lib",
        "dompurify": "dompurify/dist",
        "highlight": "@highlightjs/cdn-assets/es",
        "katex": "katex/dist",
    }.items()
    if (NODE_MODULES / folder).is_dir()
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or "pytest" in sys.modules
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- cookies: below the site's path only, by names that no other site of the host has ---

SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = f"{PATH_PREFIX}/"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    name + PATH_PREFIX.replace("/", "_") for name in ("sessionid", "csrftoken", "django_language")
)

# --- behind a proxy with TLS ---

HTTPS = env.bool("HTTPS", False)  # the service is reached by https: secure cookies, HSTS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # the proxy sends people on to https; a probe inside must not be sent on
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

# --- logs ---

LOG_LEVEL = env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(logs.LEVELS)).upper()
LOG_FORMAT = env.str("LOG_FORMAT", "console" if DEBUG else "json", validate=validate.OneOf(logs.FORMS))
LOG_TEXT = env.bool("LOG_TEXT", False)  # prompts and replies may stand in logs, and do
LOGGING = logs.configuration(
    level=LOG_LEVEL,
    form=LOG_FORMAT,
    with_texts=LOG_TEXT,
    secrets=(
        *(SECRET_KEY, ROOT_TOKEN, METRICS_TOKEN, ENGINE_API_KEY, env.str("API_KEY", "")),
        *(AUTH_GITHUB_CLIENT_SECRET, AUTH_GOOGLE_CLIENT_SECRET, AUTH_DISCORD_CLIENT_SECRET),
        *(*TRUSTED_CLIENT_KEYS, *DEBUG_API_KEYS),
        *(password_of(url) for url in (DATABASE_URL, REDIS_URL, CELERY_BROKER_URL)),
    ),
)
