"""The errors that abm-trace raises on purpose; only the command line and the service turn them into text."""


class AbmTraceError(Exception):
    """Base of every deliberate error.

    `hint` is what the reader should do next: a whole sentence, with a command where there is one.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def diagnostics(self) -> str:
        """The error for a person: what is wrong, then what to do."""
        return f"{self}\n  {self.hint}" if self.hint else str(self)

    def reason(self) -> str:
        """The same on one line, as why something was not used."""
        return f"{self}. {self.hint}" if self.hint else str(self)


class UsageError(AbmTraceError):
    """The command was asked for something that it cannot do (exit code 2)."""


class NothingReadableError(AbmTraceError):
    """The case holds nothing that any format reads (exit code 3)."""


class RegistryError(AbmTraceError):
    """An item of a family is broken: no object, or an id that is not its file name."""
