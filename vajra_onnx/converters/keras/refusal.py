"""The refusals for which nobody else is asked."""

from __future__ import annotations

from ...errors import UnsupportedError


class UndecidedError(UnsupportedError):
    """The answer to a row hangs on the rows beside it, or on a last bit: another converter would not know it either."""
