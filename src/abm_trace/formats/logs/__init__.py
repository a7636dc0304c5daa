"""Log formats: how one line of each says when, who and what. Only hit lines are ever parsed (docs/architecture.md)."""
