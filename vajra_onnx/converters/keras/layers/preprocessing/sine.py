"""The sine of a float32 as the C library behind TensorFlow has it, which is not always the nearest float32.

A polynomial in float64 of what is left of a multiple of pi / 2. Source: glibc, sysdeps/ieee754/flt-32/s_sinf.c, whose numbers
these are; tests/converters/keras/test_resizing.py compares the two.
"""

from __future__ import annotations

import numpy as np

QUARTERS, QUARTER = float.fromhex("0x1.45f306dc9c883p-1"), float.fromhex("0x1.921fb54442d18p0")  # 2 / pi, pi / 2
ODD = [float.fromhex(v) for v in ("-0x1.555545995a603p-3", "0x1.1107605230bc4p-7", "-0x1.994eb3774cf24p-13")]
EVEN = [
    float.fromhex(v) for v in ("-0x1.ffffffd0c621cp-2", "0x1.55553e1068f19p-5", "-0x1.6c087e89a359dp-10", "0x1.99343027bf8c3p-16")
]


def sine(x: np.ndarray) -> np.ndarray:
    """x: float32, from 0 to 120."""
    wide = x.astype(np.float64)
    turns = np.where(x < np.float32(np.pi / 4), 0, np.floor(wide * QUARTERS + 0.5)).astype(np.int64)
    rest = wide - turns * QUARTER
    square, sign = rest * rest, np.where(turns & 2, -1.0, 1.0)
    cube, fourth = rest * square, square * square
    odd = rest + cube * ODD[0] + cube * square * (ODD[1] + square * ODD[2])
    even = 1 + square * EVEN[0] + fourth * EVEN[1] + fourth * square * (EVEN[2] + square * EVEN[3])
    return np.asarray(sign * np.where(turns & 1, even, odd), np.float32)
