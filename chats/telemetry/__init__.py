"""What a running stack tells of itself while it works: log lines and traces, and the ids that hold both together."""
