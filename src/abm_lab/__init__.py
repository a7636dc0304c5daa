"""The lab: simulated rollouts whose truth is known, and the grading of verdicts against that truth.

It is an independent reading of the specification and shares no code with the tracer that it tests.
"""
