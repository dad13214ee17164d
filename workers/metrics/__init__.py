"""What /metrics tells. Everything is read from Postgres and Redis at the moment of the scrape.

No process counts anything for itself, so that it does not matter how many there are, which one is scraped, or when one
was started. What happens over time is told as gauges over the last WINDOW.
"""

from datetime import timedelta

WINDOW = timedelta(minutes=5)
"""How far back the gauges of what has ended look."""
