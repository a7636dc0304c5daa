"""The only place that connects to anything. Whom to ask is always named by the user, and every wait has an end."""
