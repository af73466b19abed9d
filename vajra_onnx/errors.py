"""Every exception that vajra-onnx raises on purpose.

VajraError
├── SchemaError             a sample or schema that cannot be described
├── InputError              data that does not fit the schema: expected, got, where
├── UnsupportedError        a model, parameter or operator that is refused by name
├── ParityError             the graph does not equal the original
├── ArtifactError           a file that is damaged, unsafe, or not ours
├── UntrustedError          a file that would run code when opened
├── OutOfMemoryError        an execution that needs more memory than it may have
└── ServerError             a server that cannot start or cannot be reached
"""

from __future__ import annotations


class VajraError(Exception):
    """Base of all errors here. The message is one line: what was expected, what came, where, and a hint."""

    def __init__(
        self,
        message: str = "",
        *,
        expected: str | None = None,
        got: str | None = None,
        where: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.expected, self.got, self.where, self.hint = expected, got, where, hint
        parts = [message] if message else []
        if expected is not None:
            parts.append(f"expected {expected}, got {got}" if got is not None else f"expected {expected}")
        elif got is not None:
            parts.append(f"got {got}")
        line = ": ".join(parts)
        if where:
            line += f" - at {where}"
        if hint:
            line += f" (hint: {hint})"
        super().__init__(line)


class SchemaError(VajraError, ValueError):
    """The sample or the schema cannot be described as typed, named columns."""


class InputError(VajraError, ValueError):
    """The data does not fit the model's schema, or the original model would have refused it too."""


class UnsupportedError(VajraError, NotImplementedError):
    """A model, parameter or operator that is not converted. Refused, never guessed."""


class ParityError(VajraError, AssertionError):
    """The graph's answer differs from the original's by more than the tolerance; `certificate` holds the details."""


class ArtifactError(VajraError, ValueError):
    """A model file that is damaged, unsafe, or was not written by vajra-onnx."""


class UntrustedError(VajraError, PermissionError):
    """Opening this file would run code that it contains, and nobody has said that it may."""


class OutOfMemoryError(VajraError, MemoryError):
    """An execution needs more memory than there is, or than the limit leaves it."""


class ServerError(VajraError, RuntimeError):
    """The server cannot start, or cannot be reached."""
