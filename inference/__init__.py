"""Models, prompts, engines and the token stream: plain Python, no Django models."""
