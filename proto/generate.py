"""Make vajra_onnx/wire/stubs/ from open_inference.proto: `python proto/generate.py`.

protoc only compiles the descriptor; the module is written here, for two reasons. protoc's own modules refuse to load under
an older protobuf than the one that made them. And they register in the process-wide descriptor pool, where tritonclient
registers the same message names, and the second of the two to be imported would fail; these classes have their own pool.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

HERE = Path(__file__).resolve().parent
PROTO = HERE / "open_inference.proto"
STUBS = HERE.parent / "vajra_onnx" / "wire" / "stubs"
WIDTH = 96

HEAD = '"""Made by proto/generate.py from proto/open_inference.proto: do not edit."""\n'

MODULE = """
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

# A pool of its own: tritonclient registers messages of the same names in the process-wide one.
POOL = DescriptorPool()
DESCRIPTOR = POOL.AddSerializedFile(
{literal}
)

"""

SCALARS = {
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_STRING: "str",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_FLOAT: "float",
    FieldDescriptor.TYPE_DOUBLE: "float",
}


def compiled() -> FileDescriptorProto:
    """The descriptor of the .proto file, without the JSON names that some versions of protoc add."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "descriptors"
        command = ["-m", "grpc_tools.protoc", f"-I{HERE}", f"--descriptor_set_out={out}", PROTO.name]
        subprocess.run([sys.executable, *command], check=True)
        file = FileDescriptorSet.FromString(out.read_bytes()).file[0]
    pending = list(file.message_type)
    while pending:
        message = pending.pop()
        pending += message.nested_type
        for field in message.field:
            field.ClearField("json_name")
    return file


def module(file: FileDescriptorProto) -> str:
    """The text of open_inference_pb2.py."""
    data = file.SerializeToString(deterministic=True)
    literal = "\n".join(f"    {data[i : i + WIDTH]!r}" for i in range(0, len(data), WIDTH))
    classes = [f'{m.name} = GetMessageClass(DESCRIPTOR.message_types_by_name["{m.name}"])' for m in file.message_type]
    return HEAD + MODULE.format(literal=literal) + "\n".join(classes) + "\n"


def typing(descriptor: FileDescriptor) -> str:
    """The text of open_inference_pb2.pyi: the fields of every message, for mypy and for editors."""
    lines = [
        HEAD,
        "from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence",
        "from typing import Any",
        "",
        "from google.protobuf.descriptor import FileDescriptor",
        "from google.protobuf.descriptor_pool import DescriptorPool",
        "from google.protobuf.message import Message",
        "",
        "POOL: DescriptorPool",
        "DESCRIPTOR: FileDescriptor",
    ]
    for message in descriptor.message_types_by_name.values():
        lines += ["", *_message(message)]
    return "\n".join(lines) + "\n"


def _message(message: Descriptor) -> list[str]:
    lines = [f"class {message.name}(Message):"]
    for nested in message.nested_types:
        if not nested.GetOptions().map_entry:
            lines += ["    " + line for line in _message(nested)]
    lines += [f"    {field.name}: {_read(field)}" for field in message.fields]
    arguments = "".join(f", {field.name}: {_given(field)} | None = ..." for field in message.fields)
    return [*lines, f"    def __init__(self{', *' if arguments else ''}{arguments}) -> None: ..."]


def _element(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        return str(field.message_type.full_name).removeprefix("inference.")
    return SCALARS.get(field.type, "int")


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _read(field: FieldDescriptor) -> str:
    if _is_map(field):
        return f"MutableMapping[str, {_element(field.message_type.fields_by_name['value'])}]"
    if not field.is_repeated:
        return _element(field)
    return "Any" if field.message_type is not None else f"MutableSequence[{_element(field)}]"


def _given(field: FieldDescriptor) -> str:
    if _is_map(field):
        return f"Mapping[str, {_element(field.message_type.fields_by_name['value'])}]"
    return f"Iterable[{_element(field)}]" if field.is_repeated else _element(field)


def files() -> dict[str, str]:
    """The text of every file of the stubs folder, by name."""
    file = compiled()
    pool = DescriptorPool()
    pool.Add(file)
    return {
        "__init__.py": HEAD,
        "open_inference_pb2.py": module(file),
        "open_inference_pb2.pyi": typing(pool.FindFileByName(file.name)),
    }


def main() -> None:
    """Write the stubs."""
    STUBS.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (STUBS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
