"""What Prometheus is told: collected when it asks, from the counts that the models keep anyway.

Names that Triton has are Triton's, with its units (microseconds), so that its dashboards work; the others begin with
vajra_onnx_ and are in seconds. The text is written by Prometheus's own library, which is imported at the first look: a start
does not pay for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .._version import __version__
from .counts import Counts
from .histogram import Histogram
from .models import Model, Models

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

LABELS = ("model", "version")
# Triton's words for why a request failed, by our status.
REASONS = {"RESOURCE_EXHAUSTED": "REJECTED", "CANCELLED": "CANCELED", "DEADLINE_EXCEEDED": "CANCELED", "INTERNAL": "BACKEND"}

Number = Callable[[Counts], float]
TRITON: dict[str, tuple[str, Number]] = {
    "nv_inference_request_success": ("Inference requests answered.", lambda c: c.answered),
    "nv_inference_count": ("Rows answered.", lambda c: c.rows),
    "nv_inference_exec_count": (
        "Executions, failed ones too; requests that went together are one.",
        lambda c: c.executions,
    ),
    "nv_inference_request_duration_us": ("Microseconds from request to answer, summed.", lambda c: int(c.seconds * 1e6)),
    "nv_inference_queue_duration_us": ("Microseconds in the queue, summed.", lambda c: int(c.queue_seconds * 1e6)),
    "nv_inference_compute_infer_duration_us": ("Microseconds of executions, summed.", lambda c: int(c.compute_seconds * 1e6)),
}
HISTOGRAMS: dict[str, tuple[str, Callable[[Counts], Histogram]]] = {
    "vajra_onnx_request_seconds": ("From request to answer, of those answered.", lambda c: c.request_histogram),
    "vajra_onnx_queue_seconds": ("In the queue, of each request that was executed.", lambda c: c.queue_histogram),
    "vajra_onnx_compute_seconds": ("Of each execution.", lambda c: c.compute_histogram),
}


def exposition(models: Models) -> bytes:
    """All metrics in Prometheus's text format, those of this process among them."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector(models))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class Collector:
    """The metrics of a set of models, at the moment of `collect`."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def collect(self) -> Iterator[Metric]:
        """As prometheus_client's registry asks."""
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily

        models = self._models.all()
        for model in models:
            model.counts.now()
        yield InfoMetricFamily("vajra_onnx", "This server.", value={"version": __version__})
        ready = GaugeMetricFamily("vajra_onnx_ready", "Whether a version of a model answers.", labels=LABELS)
        pending = GaugeMetricFamily("nv_inference_pending_request_count", "Requests waiting for an execution.", labels=LABELS)
        failures = CounterMetricFamily("vajra_onnx_failures", "Requests not answered, by gRPC status.", labels=(*LABELS, "code"))
        for model in models:
            ready.add_metric(_labels(model), float(model.session is not None))
            pending.add_metric(_labels(model), float(model.waiting))
            for code, number in sorted(model.counts.failed().items()):
                failures.add_metric((*_labels(model), code), number)
        yield from (ready, pending, failures)
        yield from _triton(models)
        for name, (text, histogram) in HISTOGRAMS.items():
            family = HistogramMetricFamily(name, text, labels=LABELS)
            for model in models:
                found = histogram(model.counts)
                family.add_metric(_labels(model), buckets=found.cumulative(), sum_value=found.seconds)
            yield family
        loads = CounterMetricFamily("vajra_onnx_loads", "Attempts to load, by their result.", labels=("model", "result"))
        for (name, result), number in sorted(self._models.loads.items()):
            loads.add_metric((name, result), number)
        yield loads


def _triton(models: list[Model]) -> Iterator[Metric]:
    """Triton's counters do not end in _total, which the library would add: so they have no type, as far as it knows."""
    from prometheus_client.metrics_core import Metric

    for name, (text, number) in TRITON.items():
        metric = Metric(name, text, "unknown")
        for model in models:
            metric.add_sample(name, dict(zip(LABELS, _labels(model), strict=True)), number(model.counts))
        yield metric
    failed = Metric("nv_inference_request_failure", "Inference requests not answered, by Triton's reasons.", "unknown")
    for model in models:
        reasons = dict.fromkeys(("REJECTED", "CANCELED", "BACKEND", "OTHER"), 0)
        for code, count in model.counts.failed().items():
            reasons[REASONS.get(code, "OTHER")] += count
        for reason, count in reasons.items():
            failed.add_sample(failed.name, {**dict(zip(LABELS, _labels(model), strict=True)), "reason": reason}, count)
    yield failed


def _labels(model: Model) -> tuple[str, str]:
    return model.name, str(model.version)
