"""Decides whether two prompts mean the same."""
