"""The guard of a staging step (SPEC G6): it aborts the step when a device stays silent, and keeps what there is.

A device that prepared for enrolment must register within the limit (the guide's 45 s). If it does not, every process
of the step is ended, the log is triaged, and the device is refused until somebody says that it was rebuilt. Nothing
is ever tried again.
"""
