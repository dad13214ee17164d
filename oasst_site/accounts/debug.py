"""Debug login: a name is enough. Only with ALLOW_DEBUG_AUTH."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from chats.errors import BadRequest, Forbidden
from oasst_site.accounts.models import User

PROVIDER = "debug"
MAX_NAME_LENGTH = 100


def require_debug_auth() -> None:
    """Raises Forbidden unless ALLOW_DEBUG_AUTH."""
    if not settings.ALLOW_DEBUG_AUTH:
        raise Forbidden("Debug login is off: set ALLOW_DEBUG_AUTH=true to allow it (never in production).")


def get_or_create_debug_user(name: str) -> User:
    """The debug user of this name, made when it is new.

    Raises Forbidden unless ALLOW_DEBUG_AUTH, BadRequest for an empty or too long name.
    """
    require_debug_auth()
    name = name.strip()
    if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise BadRequest(
            _("The name %(name)s cannot log in: give 1 to %(most)s printable characters.")
            % {"name": repr(name[:40]), "most": MAX_NAME_LENGTH},
            field="code",
        )
    user, _created = User.objects.get_or_create(
        provider=PROVIDER,
        provider_account_id=name,
        defaults={"username": f"debug:{name}", "display_name": name, "password": make_password(None)},
    )
    return user
