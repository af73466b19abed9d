"""The one place that imports onnxruntime, with its telemetry off: recent official builds send it by default."""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime import (
    GraphOptimizationLevel,
    InferenceSession,
    OrtAllocatorType,
    OrtArenaCfg,
    OrtMemoryInfo,
    OrtMemType,
    RunOptions,
    SessionOptions,
    create_and_register_allocator,
    get_available_providers,
)
from onnxruntime.capi import onnxruntime_pybind11_state as errors

from ..errors import ArtifactError
from .kernels import with_kernels

__all__ = [
    "GraphOptimizationLevel",
    "InferenceSession",
    "Runner",
    "SessionOptions",
    "SessionSettings",
    "errors",
    "library",
    "limit_memory",
    "open_session",
    "runner",
]

SILENT = 4
Runner = Callable[[Sequence[str], Mapping[str, np.ndarray], Any], Sequence[Any]]


@dataclass(frozen=True)
class SessionSettings:
    """providers: execution providers with their options, the first that fits an operator is taken. arena: keep memory between
    executions. shrink: give the arena's free memory back after each; only with the CPU's arena. shared: take that memory from
    the one arena of this process that `limit_memory` has made."""

    providers: Sequence[tuple[str, Mapping[str, str]]] = (("CPUExecutionProvider", {}),)
    arena: bool = True
    shrink: bool = False
    shared: bool = False

    @property
    def on_cpu(self) -> bool:
        """Whether no other provider may take an operator."""
        return [name for name, _ in self.providers] == ["CPUExecutionProvider"]

    @property
    def run_options(self) -> RunOptions | None:
        """What each execution is told."""
        if not (self.shrink and self.arena):
            return None
        options = RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        return options


DEFAULT = SessionSettings()


def open_session(
    data: bytes, threads: int, folder: Path | None, settings: SessionSettings = DEFAULT, *, kernels: bool = False
) -> InferenceSession:
    """A session. folder: where external data lies. onnxruntime raises a dozen unrelated types for a bad model.

    kernels: take our own operators where they are installed and faster. Raises ArtifactError for a provider that this build of
    onnxruntime does not have; it would take another one quietly.
    """
    missing = [name for name, _ in settings.providers if name not in get_available_providers()]
    if missing:
        known = " | ".join(get_available_providers())
        raise ArtifactError("execution provider", expected=known, got=", ".join(missing), hint="install its build of onnxruntime")
    exchanged = with_kernels(data) if kernels and settings.on_cpu else None
    if exchanged is not None:
        model, operators = exchanged
        try:
            options = _options(threads, folder, settings)
            options.register_custom_ops_library(operators)
            return _session(model, options, settings)
        except Exception:  # an onnxruntime without custom operators, or a model that is as bad without: the attempt below says so
            pass
    return _session(data, _options(threads, folder, settings), settings)


def _options(threads: int, folder: Path | None, settings: SessionSettings) -> SessionOptions:
    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = settings.arena
    options.log_severity_level = SILENT  # errors come as exceptions; a second copy on stderr helps nobody
    # Bytes can be a valid ONNX file and a valid file of onnxruntime's own format at once; only the first was looked at.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    if settings.shared:
        options.add_session_config_entry("session.use_env_allocators", "1")
    if folder is not None:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder.resolve()))
    return options


def _session(data: bytes, options: SessionOptions, settings: SessionSettings) -> InferenceSession:
    # No second attempt, which it would announce on stdout, and no options from the model's own metadata.
    fixed = {"enable_fallback": 0, "read_config_from_model": 0}
    providers = [(name, dict(values)) for name, values in settings.providers]
    session = InferenceSession(data, options, providers=providers, **fixed)
    session._model_bytes = None  # kept for a second attempt only; large models would be in memory twice
    return session


def limit_memory(megabytes: int) -> None:
    """One arena of at most this size for the executions of all sessions that share it; once in a process.

    What would need more fails, alone. The weights of models are not in it.
    """
    sizes = {
        "max_mem": megabytes << 20,
        "arena_extend_strategy": 1,
        "initial_chunk_size_bytes": -1,
        "max_dead_bytes_per_chunk": -1,
    }
    memory = OrtMemoryInfo("Cpu", OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, OrtMemType.DEFAULT)
    create_and_register_allocator(memory, OrtArenaCfg(sizes))


def runner(session: InferenceSession) -> Runner:
    """`session.run` without its checks in Python, which compare every name with every other: 14 us instead of 20 us for 20
    inputs. onnxruntime's own code makes the same checks again."""
    inner = getattr(session, "_sess", None)
    run: Runner = getattr(inner, "run", session.run)
    return run


def library() -> Path:
    """The shared library with the C API that comes with this onnxruntime. Raises ImportError where there is none."""
    folder = Path(onnxruntime.__file__).parent / "capi"
    found = sorted(folder.glob("libonnxruntime.so*"))
    if not found:
        raise ImportError(f"no libonnxruntime in {folder}")
    return found[0]
