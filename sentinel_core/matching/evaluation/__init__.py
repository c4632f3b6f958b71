"""Replays labelled prompts through the server's own decision and counts what was served wrongly."""
