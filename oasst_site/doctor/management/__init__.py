"""The doctor's command."""
