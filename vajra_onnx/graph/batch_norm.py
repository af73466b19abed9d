"""BatchNormalization at inference. spox' own constructor always names the results of training, too, which ONNX refuses there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from spox import Type, Var
from spox._attributes import AttrFloat32
from spox._fields import BaseAttributes, BaseInputs, BaseOutputs
from spox._node import Node, OpType
from spox._value_prop import PropDict
from spox._var import _VarInfo, unwrap_vars

from .values import constant_like


class _BatchNormalization(Node):
    @dataclass
    class Attributes(BaseAttributes):
        epsilon: AttrFloat32

    @dataclass
    class Inputs(BaseInputs):
        X: _VarInfo
        scale: _VarInfo
        B: _VarInfo
        input_mean: _VarInfo
        input_var: _VarInfo

    @dataclass
    class Outputs(BaseOutputs):
        Y: _VarInfo

    op_type = OpType("BatchNormalization", "", 15)
    attrs: Attributes
    inputs: Inputs
    outputs: Outputs

    def infer_output_types(self, input_prop_values: PropDict) -> dict[str, Type]:
        return {"Y": self.inputs.X.unwrap_tensor()}


def batch_normalized(x: Var, scale: np.ndarray, offset: np.ndarray) -> Var:
    """x * scale + offset, one of each per channel of [N, C, H, W]: a mean of 0, a variance of 1 and an epsilon of 0 leave both as
    they are. onnxruntime computes it inside of its blocked layout, together with an activation that follows."""
    factors = [constant_like(x, np.broadcast_to(v, scale.shape)) for v in (scale, offset, 0.0, 1.0)]
    node = _BatchNormalization(
        _BatchNormalization.Attributes(epsilon=AttrFloat32(0.0, name="epsilon")),
        _BatchNormalization.Inputs(*(unwrap_vars(var) for var in (x, *factors))),
    )
    result = node.get_output_vars().Y
    assert isinstance(result, Var)
    return result
