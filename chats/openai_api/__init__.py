"""The OpenAI-compatible API under /v1: the same queue, fairness and workers, in OpenAI's shapes."""
