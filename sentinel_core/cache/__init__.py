"""The rules of the cache: values and `now`, no input or output."""
