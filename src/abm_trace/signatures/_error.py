"""What is said of a signature that cannot be used."""

from abm_trace.core.errors import AbmTraceError


class SignatureError(AbmTraceError):
    """A signature cannot be used; `path` and `line` say where."""

    def __init__(self, message: str, *, hint: str = "", path: str = "", line: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line
