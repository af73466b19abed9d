"""The operators of com.microsoft that ONNX has no counterpart for: each is defined once, here.

Every build of ONNX Runtime with the contrib operators has them (all official packages, not the minimal builds).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from spox import Tensor, Type, Var
from spox._attributes import AttrInt64, AttrString, AttrStrings
from spox._fields import BaseAttributes, BaseInputs, BaseOutputs
from spox._node import Node, OpType
from spox._value_prop import PropDict
from spox._var import _VarInfo, unwrap_vars

DOMAIN, VERSION = "com.microsoft", 1


class _Tokenizer(Node):
    @dataclass
    class Attributes(BaseAttributes):
        mark: AttrInt64
        mincharnum: AttrInt64
        pad_value: AttrString
        separators: AttrStrings | None
        tokenexp: AttrString | None

    @dataclass
    class Inputs(BaseInputs):
        X: _VarInfo

    @dataclass
    class Outputs(BaseOutputs):
        Y: _VarInfo

    op_type = OpType("Tokenizer", DOMAIN, VERSION)
    attrs: Attributes
    inputs: Inputs
    outputs: Outputs

    def infer_output_types(self, input_prop_values: PropDict) -> dict[str, Type]:
        return {"Y": Tensor(np.str_, (*(self.inputs.X.unwrap_tensor().shape or ()), None))}


class _MurmurHash3(Node):
    @dataclass
    class Attributes(BaseAttributes):
        positive: AttrInt64
        seed: AttrInt64

    @dataclass
    class Inputs(BaseInputs):
        X: _VarInfo

    @dataclass
    class Outputs(BaseOutputs):
        Y: _VarInfo

    op_type = OpType("MurmurHash3", DOMAIN, VERSION)
    attrs: Attributes
    inputs: Inputs
    outputs: Outputs

    def infer_output_types(self, input_prop_values: PropDict) -> dict[str, Type]:
        return {"Y": Tensor(np.int32, self.inputs.X.unwrap_tensor().shape)}


def tokens(text: Var, expression: str, at_least: int = 1) -> Var:
    """The matches of an RE2 expression in each string, from left to right, each the longest possible at its place.

    text: [N] or [N, C]. Returns [..., T], T the largest number of matches, "" after the last one. at_least: matches of fewer
    characters are left out.
    """
    return _tokenizer(text, at_least, None, expression)


def characters(text: Var) -> Var:
    """The code points of each string as strings of their own. text: [N] or [N, C]. Returns [..., L], "" after the last one."""
    return _tokenizer(text, 1, [""], None)


def murmur_hash(text: Var) -> Var:
    """MurmurHash3 x86 32 of the UTF-8 bytes with seed 0, as int32; the shape of `text`."""
    node = _MurmurHash3(
        _MurmurHash3.Attributes(positive=AttrInt64(0, name="positive"), seed=AttrInt64(0, name="seed")),
        _MurmurHash3.Inputs(X=unwrap_vars(text)),
    )
    result = node.get_output_vars().Y
    assert isinstance(result, Var)
    return result


def _tokenizer(text: Var, at_least: int, separators: list[str] | None, expression: str | None) -> Var:
    node = _Tokenizer(
        _Tokenizer.Attributes(
            mark=AttrInt64(0, name="mark"),
            mincharnum=AttrInt64(at_least, name="mincharnum"),
            pad_value=AttrString("", name="pad_value"),
            separators=AttrStrings.maybe(separators, name="separators"),
            tokenexp=AttrString.maybe(expression, name="tokenexp"),
        ),
        _Tokenizer.Inputs(X=unwrap_vars(text)),
    )
    result = node.get_output_vars().Y
    assert isinstance(result, Var)
    return result
