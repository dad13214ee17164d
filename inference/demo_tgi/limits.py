"""What one request may ask for at most, named as TGI's launcher names it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults are generous where a GPU's memory would bound them and TGI's own elsewhere."""

    max_input_tokens: int = 65_536
    max_total_tokens: int = 131_072
    max_concurrent_requests: int = 1024
    max_best_of: int = 2
    max_stop_sequences: int = 4
    max_top_n_tokens: int = 5
    payload_limit: int = 16 * 1024 * 1024
    """Bytes of a request's body."""
