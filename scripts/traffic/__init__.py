"""Makes labelled traffic that public data lacks: shared passages, templates, and pairs that folding makes equal."""
