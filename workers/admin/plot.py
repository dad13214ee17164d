"""A small plot of one line over the last hour, as SVG made here: no script and no style attribute draws it."""

import time
from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, TOP = 600, 80, 14
SPAN_S = 3600.0
GAP_S = 60.0
"""Points further apart are not joined: nobody looked between them."""


def plot(title: str, points: Sequence[tuple[float, float]]) -> SafeString:
    """points: (seconds since 1970, value), oldest first."""
    now = time.time()
    highest = max((value for _, value in points), default=0) or 1
    parts, last = [], None
    for at, value in points:
        x = max(0.0, WIDTH * (1 - (now - at) / SPAN_S))
        y = HEIGHT - (HEIGHT - TOP) * value / highest
        parts.append(f"{'L' if last is not None and at - last <= GAP_S else 'M'}{x:.1f} {y:.1f}")
        last = at
    latest = points[-1][1] if points else 0
    return format_html(
        '<figure class="oasst-plot"><figcaption>{}: {} now, at most {} in the last hour</figcaption>'
        '<svg viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{} over the last hour">'
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        '<line x1="0" y1="{}" x2="{}" y2="{}" stroke="currentColor" stroke-opacity="0.3"/></svg></figure>',
        title, f"{latest:g}", f"{highest if points else 0:g}", WIDTH, HEIGHT + 1, WIDTH, HEIGHT + 1, title,
        " ".join(parts), HEIGHT, WIDTH, HEIGHT,
    )  # fmt: skip
