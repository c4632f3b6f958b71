"""Where entries and their vectors are kept; each store satisfies `ports.Store`."""
