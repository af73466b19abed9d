"""One saved layer or operation as data. What an emitter does not look at is noticed: a parameter or a weight that nobody read is
a parameter that nobody handles, and is refused by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import ArtifactError, UnsupportedError
from .archive import Held, Store, Weight, container_paths, is_operation
from .backend import own
from .precision import HALVES, policy_of
from .symbols import collapsed

# What a parameter of such a name says has no part in inference.
NEUTRAL = frozenset({
    "name", "trainable", "dtype", "seed", "build_config", "activity_regularizer", "quantization_config",
    "lora_rank", "lora_alpha",  # the file has the kernel with what LoRA adds to it
})  # fmt: skip
NEUTRAL_ENDINGS = ("_initializer", "_regularizer", "_constraint")
FLOATS = ("float32", "float64")


@dataclass(frozen=True)
class Ref:
    """The result of a layer's call in a functional graph: which layer, which of its calls, which of the results."""

    layer: str
    node: int
    index: int


@dataclass(frozen=True)
class Call:
    """One call of a layer: arguments in which a Ref stands for a tensor."""

    args: list[Any]
    kwargs: dict[str, Any]


@dataclass
class Layer:
    """A layer. module: "keras.layers", or "keras.src.ops.numpy" for an operation. store: its weights and assets. data: its whole
    entry in the file, nested models and calls included. autocast: Keras rounds its weights in half precision."""

    module: str
    class_name: str
    name: str
    config: Mapping[str, Any]
    store: Store
    data: Mapping[str, Any]
    autocast: bool = True
    _seen: set[str] = field(default_factory=set)
    _taken: set[str] = field(default_factory=set)

    @staticmethod
    def of(data: Mapping[str, Any], store: Store) -> Layer:
        """A layer from its entry in the file. Raises ArtifactError where the weights are those of another layer."""
        config = data["config"]
        name = data.get("name") or config.get("name") or data["class_name"]
        if store.name is not None and store.name != name:
            raise ArtifactError("weights of another layer", expected=repr(name), got=repr(store.name))
        return Layer(data.get("module") or "", data["class_name"], name, config, store, data)

    @property
    def label(self) -> str:
        """What messages call it: `dense_1 (Dense)`."""
        return f"{self.name} ({self.class_name})"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype in which its emitter computes: float32 for half precision, which rounds what enters and leaves (`precision`).
        Raises UnsupportedError for a policy of another kind."""
        name = policy_of(self.config)
        if name not in FLOATS and name not in HALVES:
            raise UnsupportedError(f"dtype policy of {self.class_name}", expected=" | ".join([*FLOATS, *HALVES]), got=repr(name))
        return own(np.dtype(np.float32 if name in HALVES else name))

    @property
    def half(self) -> np.dtype[Any] | None:
        """The half type in which Keras computes it, if it is one."""
        return HALVES.get(policy_of(self.config))

    def get(self, key: str, default: Any = None) -> Any:
        """A parameter; the default stands for one that the Keras of the file did not know yet."""
        self._seen.add(key)
        return self.config.get(key, default)

    def only(self, key: str, *allowed: Any) -> None:
        """Refuse a parameter unless it has one of these values, the first of which is the default of files without it."""
        value = self.get(key, allowed[0])
        if not any(type(value) is type(a) and value == a for a in allowed):
            raise UnsupportedError(f"{self.class_name}({key}=...)", expected=" | ".join(map(repr, allowed)), got=repr(value))

    def ignore(self, *keys: str) -> None:
        """Parameters that have no part in inference here."""
        self._seen.update(keys)

    def weight(self, path: str) -> np.ndarray:
        """A weight by its path, `vars/0`. Raises ArtifactError where the file has none."""
        weight = self._stored(path).read()
        if self.half is None or weight.dtype.kind != "f" or not self.autocast:
            return weight
        return weight.astype(self.half).astype(np.float32)

    def shape(self, path: str) -> tuple[int, ...]:
        """The shape of a weight, which is read later. Raises ArtifactError where the file has none."""
        return self._stored(path).shape

    def weights(self, count: int) -> list[np.ndarray]:
        """The layer's own first variables, in the order in which Keras makes them."""
        return [self.weight(f"vars/{i}") for i in range(count)]

    def _stored(self, path: str) -> Weight | Held:
        self._taken.add(path)
        if path not in self.store.weights:
            hint = "Keras does not find it either where a layer is shared by two models" if not self.store.weights else None
            raise ArtifactError(f"the file has no weight {path!r}", where=self.label, hint=hint)
        return self.store.weights[path]

    def child(self, key: str, *paths: str) -> Layer:
        """A layer that is a parameter of this one, with the weights below the first of these paths that the file has."""
        data = self.get(key)
        path = next((p for p in paths if self.store.below(p).weights), paths[0])
        self._taken.update(p for p in self.store.weights if p.startswith(f"{path}/"))
        below = self.store.below(path)
        name = data["config"].get("name", key)
        return Layer(data.get("module") or "", data["class_name"], name, data["config"], below, data)

    def layers(self, key: str = "layers") -> list[Layer]:
        """The layers of a nested model, or of another parameter that is a list of them, each with its own weights."""
        configs: Sequence[Mapping[str, Any]] = self.get(key)
        paths = container_paths(list(configs), key)
        self._taken.update(p for p in self.store.weights if p.startswith(f"{key}/"))
        empty = Store({}, {}, {})
        return [Layer.of(c, self.store.below(p) if p else empty) for c, p in zip(configs, paths, strict=True)]

    def calls(self) -> Iterator[Call]:
        """Its calls in the functional graph that it is part of."""
        for node in self.data.get("inbound_nodes", ()):
            if not isinstance(node, Mapping):
                raise UnsupportedError("the graph of a Keras 2 file", hint="load it in Keras 3 and save it again")
            yield Call(decoded(node["args"]), decoded(node["kwargs"]))

    @property
    def is_operation(self) -> bool:
        """Whether it is a function of keras.ops."""
        return is_operation(self.data)

    @property
    def is_model(self) -> bool:
        """Whether it is a model inside of a model."""
        return self.class_name in ("Functional", "Sequential", "Model")

    def take_all(self) -> None:
        """All weights, which another layer reads in place of this one."""
        self._taken.update(self.store.weights)

    def refuse_quantized(self) -> None:
        """An UnsupportedError for a layer that computes in 8 bits or fewer."""
        policy = self.config.get("dtype")
        quantized = isinstance(policy, Mapping) and "mode" in policy.get("config", {})
        mode = policy["config"]["mode"] if isinstance(policy, Mapping) and quantized else "int8"
        if quantized or (not self.is_model and any(w.dtype in (np.int8, np.uint8) for w in self.store.weights.values())):
            raise UnsupportedError(f"{self.class_name} quantized to {mode}", hint="convert the model before model.quantize(...)")

    def refuse_unread(self) -> None:
        """An UnsupportedError for the first parameter or weight that nobody looked at."""
        for key, value in self.config.items():
            if key not in self._seen and key not in NEUTRAL and not key.endswith(NEUTRAL_ENDINGS):
                raise UnsupportedError(f"{self.class_name}({key}=...) is not handled", got=repr(value)[:60])
        for path in self.store.weights:
            if path not in self._taken and "seed_generator" not in path:
                raise UnsupportedError(f"{self.class_name} has a weight that is not handled", got=repr(path))


def decoded(value: Any) -> Any:
    """A value of the file as Python has it. Source: `keras.src.saving.serialization_lib.deserialize_keras_object`."""
    if isinstance(value, list):
        return [decoded(v) for v in value]
    if not isinstance(value, Mapping):
        return value
    if "class_name" not in value:
        return {key: decoded(v) for key, v in value.items()}
    kind, config = value["class_name"], value.get("config", {})
    if kind == "__keras_tensor__":
        return Ref(*config["keras_history"])
    if kind == "__slice__":
        return slice(*(decoded(config[k]) for k in ("start", "stop", "step")))
    if kind == "__ellipsis__":
        return ...
    if kind in ("__numpy__", "__tensor__"):
        return collapsed(np.array(config["value"], dtype=config["dtype"]))
    if kind in ("function", "__lambda__"):
        raise UnsupportedError("an operation that is given a function", hint="unroll it in Python, over an axis of a fixed size")
    raise UnsupportedError(f"an argument of kind {kind}", expected="tensors, numbers, text, slices")
