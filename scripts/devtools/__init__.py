"""Local Redis, local AWS and test servers, used by tests, benchmarks and client checks. Imports nothing of tests."""
