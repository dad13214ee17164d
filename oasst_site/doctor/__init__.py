"""`manage.py doctor`: looks at every dependency and setting, says in plain words what is wrong and how to mend it."""
