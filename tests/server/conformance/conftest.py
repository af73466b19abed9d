"""Every transport in turn, in front of the same service: what passes here is what a client may rely on.

No test here reaches into the server's process: a transport may run models where Python cannot see them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import running, write
from slow import slow

from vajra_onnx.server import Server


@pytest.fixture(scope="module")
def asking(transport: str) -> str:
    """Those that ask who calls."""
    if transport == "native":
        pytest.skip("the native transport has neither TLS nor tokens yet; it is refused where they are asked for")
    return transport


@pytest.fixture(scope="module")
def server(repository: Path, transport: str) -> Iterator[Server]:
    """A server of `repository` behind each transport."""
    with running(repository, transport=transport) as one:
        yield one


@pytest.fixture(scope="module")
def slow_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with `slow`, a model that works as long as its input says."""
    folder = tmp_path_factory.mktemp("slow")
    write(folder, "slow", slow())
    return folder
