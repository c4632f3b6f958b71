"""Where entries live: each module is one place."""
