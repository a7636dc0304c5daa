"""Checks: what can be said of one payload, token or probe by itself. Pure: bytes and facts in, findings out."""
