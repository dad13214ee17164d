"""Accounts: the user model, login, tokens, and who is behind a websocket."""
