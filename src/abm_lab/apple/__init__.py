"""The Apple dialect of the lab: what truly befell a device, and how each source would tell of it.

`life` says what happened, in seconds after a boot; `unit` puts it on the calendar; `org`, `dep`, `products` and
`server` tell it in the shapes that Apple and the vendors document.
"""
