"""Routes under /v1/admin."""
