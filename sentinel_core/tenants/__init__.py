"""Who is calling: keys, where they are kept, and the namespace each one opens."""
