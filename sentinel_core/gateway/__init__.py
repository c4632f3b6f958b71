"""The use case: look up, ask a provider, store; the only room that knows the order of steps."""
