"""What the cache learns from its own traffic: judged pairs, the judge, audits, and the odds they give."""
