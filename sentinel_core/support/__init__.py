"""Small tools that know nothing of caching."""
