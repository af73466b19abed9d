"""The digest of a model: it names the graph, whatever is written into the metadata beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..errors import ArtifactError
from .wireformat import fields

CERTIFICATE_KEY = "vajra_onnx.certificate"
METADATA_PROPS = 14


def model_digest(data: bytes) -> str:
    """sha256, in hexadecimal, of a serialized ModelProto without its field 14, `metadata_props`, fields in the file's order.

    A certificate inside the metadata can therefore name the model that it belongs to. Raises ArtifactError for bytes that
    are no protocol buffers message.
    """
    digest, view, start = hashlib.sha256(), memoryview(data), 0
    for field in fields(data):
        if field.number == METADATA_PROPS:
            digest.update(view[start : field.first])
            start = field.end
    digest.update(view[start:])
    return digest.hexdigest()


def check_digest(data: bytes, metadata: Mapping[str, str]) -> None:
    """Refuse a model that is not the one its certificate was written for; a model without a certificate passes."""
    if CERTIFICATE_KEY not in metadata:
        return
    try:
        certificate: Any = json.loads(metadata[CERTIFICATE_KEY])
        expected = certificate["digest"]
    except (ValueError, KeyError, TypeError):
        raise ArtifactError("the certificate cannot be read", expected="JSON with a digest") from None
    if expected != model_digest(data):
        raise ArtifactError(
            "the model was changed after it was certified",
            expected=f"digest {expected}",
            got=model_digest(data),
            hint="convert it again, or fetch the file anew",
        )
