"""Results as a table on the terminal and as a plot."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from .endpoint import Load
from .local import Comparison

INK, ACCENT, QUIET = "#1f2933", "#0b6e99", "#9aa5b1"


def print_local(results: Sequence[Comparison]) -> None:
    """Latency per batch size, beside the original where it was measured."""
    table = Table(title="in this process, microseconds per call", title_justify="left")
    for title in ("batch", "from", "p50", "p90", "p99", "original p50", "times faster"):
        table.add_column(title, justify="left" if title == "from" else "right")
    for r in results:
        theirs = f"{r.original.p50:,.0f}" if r.original else "-"
        ratio = f"{r.ratio:,.1f}" if r.ratio else "-"
        table.add_row(str(r.batch), r.source, *_percentiles(r.session.p50, r.session.p90, r.session.p99), theirs, ratio)
    Console().print(table)


def print_endpoint(results: Sequence[Load]) -> None:
    """Latency and throughput per number of requests in flight."""
    table = Table(title="over gRPC, microseconds per request", title_justify="left")
    for title in ("in flight", "p50", "p90", "p99", "requests/s", "errors"):
        table.add_column(title, justify="right")
    for r in results:
        cells = _percentiles(r.latency.p50, r.latency.p90, r.latency.p99) if r.latency else ["-"] * 3
        table.add_row(str(r.concurrency), *cells, f"{r.throughput:,.0f}", str(r.errors))
    Console().print(table)


def plot(results: Sequence[Comparison] | Sequence[Load], path: str) -> None:
    """Percentiles as bars, logarithmic; PNG or SVG by the file's ending."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
    labels, series = _series(results)
    width = 0.8 / len(series)
    for i, (name, values, colour) in enumerate(series):
        bars = axes.bar(
            [x + (i - (len(series) - 1) / 2) * width for x in range(len(labels))], values, width, label=name, color=colour
        )
        axes.bar_label(bars, fmt=lambda v: f"{v:,.0f}", fontsize=8, color=INK, padding=2)
    axes.set_yscale("log")
    axes.set_xticks(range(len(labels)), labels)
    axes.set_ylabel("microseconds per call (log scale)")
    axes.margins(y=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", ncols=len(series))
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def _series(results: Sequence[Comparison] | Sequence[Load]) -> tuple[list[str], list[tuple[str, list[float], str]]]:
    local = [r for r in results if isinstance(r, Comparison)]
    if local:
        labels = [f"batch {r.batch}\n({r.source})" for r in local]
        series = [("session.run p50", [r.session.p50 for r in local], ACCENT)]
        if all(r.original for r in local):
            series.append(("original p50", [r.original.p50 for r in local if r.original], QUIET))
        return labels, series
    loads = [r for r in results if isinstance(r, Load) and r.latency]
    labels = [f"{r.concurrency} in flight\n{r.throughput:,.0f}/s" for r in loads]
    p50 = [r.latency.p50 for r in loads if r.latency]
    p99 = [r.latency.p99 for r in loads if r.latency]
    return labels, [("p50", p50, ACCENT), ("p99", p99, QUIET)]


def _percentiles(*values: float) -> list[str]:
    return [f"{v:,.0f}" if v >= 100 else f"{v:.1f}" for v in values]
