"""The payloads: what devices and servers are given, profiles first of all."""
