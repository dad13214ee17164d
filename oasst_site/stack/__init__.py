"""The whole system on one machine (`manage.py up`): its servers out of wheels, its processes kept running."""
