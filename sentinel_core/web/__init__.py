"""HTTP: routes, bodies in and out, headers, errors."""
