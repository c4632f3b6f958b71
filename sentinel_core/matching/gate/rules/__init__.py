"""The rules that refuse a pair of prompts, a family a file."""
