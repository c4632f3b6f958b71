"""
Sentinel: a semantic AI gateway in one serverless function.

Rooms, from the entry inwards. A room imports only from rooms on lines below its own.

    app        puts Sentinel together from its settings and starts it
    web        HTTP: routes, bodies, headers, authentication, errors
    stores     where entries, keys and counters are kept: this process, or Redis
    gateway    the use case: look up, ask a provider, store
    tenants    API keys, namespaces, limits and budgets
    learning   what the cache learns from its traffic: judged pairs, judge, audits, odds
    matching   whether two prompts mean the same: embedders, vector index, gate
    telemetry  logs, counters, metrics and alerts
    providers  upstream LLM providers, their prices, retries and fallbacks
    cache      the rules of the cache: decision, scope, entry, freshness, ports
    chat       requests and answers in the shapes of OpenAI's chat API
    support    clock, circuit breaker, single flight, batcher, HTTP client
    errors     every error Sentinel raises, by whose fault it is
"""

__version__ = "0.2.0"
