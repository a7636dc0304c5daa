"""Gates: what measures, watches and runs checks in order to stop a rollout before it fails."""
