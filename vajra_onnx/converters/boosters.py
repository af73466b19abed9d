"""What the boosting libraries have in common: which columns none of them takes."""

from __future__ import annotations

from ..errors import UnsupportedError
from ..graph.block import Block


def refuse_text(block: Block) -> None:
    """UnsupportedError for a column of datetimes, or of text that is not a categorical column of a DataFrame."""
    for part in block.parts:
        if part.datetime or (part.is_string and not (block.frame and part.categories)):
            raise UnsupportedError(
                f"column {(part.names or ('?',))[0]!r}",
                expected="numbers, booleans or a categorical column",
                got="datetimes" if part.datetime else "text",
                hint="make it categorical, as in the training data: .astype('category')",
            )
