"""sklearn.neighbors._kde."""

from __future__ import annotations

from sklearn.neighbors import KernelDensity

from ....errors import UnsupportedError
from ....graph.block import Block
from ...registry import Outputs, converts


@converts(KernelDensity)
def kernel_density(model: KernelDensity, block: Block) -> Outputs:
    """Refused: the tree subtracts its nodes' bounds again, and what is left of their rounding is the answer in sparse regions.

    With kernel="tophat", 700 points and no tolerance, one in twenty rows without any neighbour has a density above 0.
    """
    raise UnsupportedError(
        "KernelDensity", hint="its density is rounding noise where few points are near: nothing to be equal to"
    )
