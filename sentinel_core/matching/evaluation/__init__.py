"""Replays labelled prompts through the server's own decision and counts wrong hits."""
