"""A worker's score: Open-Assistant's formula."""

from collections import defaultdict

from django.db.models import Count, Q

from workers.models import DECIDED, CheckState, ComplianceCheck


def scores() -> dict[int, float]:
    """By worker: the failed part of all decided checks that it took part in, as the asked or as the compared one.

    0 is a clean record, 1 the worst. Who took part in none has no score and is not in the answer.
    """
    failed: defaultdict[int, int] = defaultdict(int)
    all_of_them: defaultdict[int, int] = defaultdict(int)
    for side in ("worker_id", "compare_worker_id"):
        rows = (
            ComplianceCheck.objects.filter(state__in=DECIDED)
            .values_list(side)
            .annotate(count=Count("pk"), failed=Count("pk", filter=Q(state=CheckState.FAILED)))
            .order_by()
        )
        for worker_id, count, lost in rows:
            failed[worker_id] += lost
            all_of_them[worker_id] += count
    return {worker_id: failed[worker_id] / count for worker_id, count in all_of_them.items()}
