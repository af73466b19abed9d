"""Tree ensembles as operators of our own, where the wheel vajra-onnx-native is installed (docs/adr/0008-tree-kernel.md).

The file stays as it is: the nodes are exchanged in memory, for the same bits in less time.
"""

from __future__ import annotations


def with_kernels(data: bytes) -> tuple[bytes, str] | None:
    """A serialized model with its tree ensembles exchanged, and the path of the library that has the operators.

    None where the wheel is not installed or older than the kernels, and for a model without ensembles that it takes.
    """
    try:
        from vajra_onnx_native import vajra_onnx_native, with_tree_kernels
    except ImportError:
        return None
    exchanged = with_tree_kernels(data)
    return None if exchanged is None else (exchanged, vajra_onnx_native.__file__)
