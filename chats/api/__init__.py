"""REST under /api: Open-Assistant's paths and shapes over the repository's verbs."""
