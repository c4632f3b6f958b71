"""Puts Sentinel together from its settings and starts it; the only room that knows every other."""
