"""The evidence log: what came in and what was said of it, append-only, signed, checkable without us."""
