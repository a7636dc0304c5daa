"""Probes: what a look at the world from this segment shows, as the bytes that a saved export of it would hold.

The formats read these bytes as they read a file, so that a live look and a saved one give the same facts.
"""
