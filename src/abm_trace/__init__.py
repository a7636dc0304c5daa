"""Follows every device of an Apple Business Manager rollout up one ladder and says what stopped it."""
