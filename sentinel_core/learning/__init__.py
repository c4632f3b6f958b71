"""Lessons from the traffic at hand: judged pairs, the judge, audits, and the odds they give."""
