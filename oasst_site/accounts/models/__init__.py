"""The tables of accounts: people, and the keys of their programs."""

from oasst_site.accounts.models.api_key import ApiKey, Scope
from oasst_site.accounts.models.user import User

__all__ = ["ApiKey", "Scope", "User"]
