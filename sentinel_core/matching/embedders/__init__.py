"""Text to vector with all-MiniLM-L6-v2, in this process, by either of two runtimes; imports neither."""
