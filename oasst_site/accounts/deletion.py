"""Deleting an account: everything of it, at once, running work too."""

from chats.repository.ending import delete_chats_of
from oasst_site.accounts.models import User
from oasst_site.accounts.tokens import forget_tokens


def delete_account(user: User) -> None:
    """Stop what runs; delete chats, keys, records of tokens, and the user, with whom sessions and access tokens end."""
    delete_chats_of(user)
    forget_tokens(user)
    user.delete()
