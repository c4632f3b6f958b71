"""The public routes, a file each."""
