"""The figures for people: a table per model, with ratios to the reference, and what the bars say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .h2load import Measured
from .models import TITLES
from .running import Running

IN_FLIGHT = (1, 8, 64)
Medians = Mapping[tuple[str, str, int], Measured]


def table(medians: Medians, model: str, servers: Iterable[Running]) -> Iterator[str]:
    """By requests in flight: requests per second, the first server's and ratios to them; p99 and CPU of a request."""
    yield f"| {TITLES[model]} | 1 in flight | 8 | 64 | p99, us | CPU, us |\n|---|---|---|---|---|---|"
    shown = [server.name for server in servers if (server.name, model, 1) in medians]
    for name in shown:
        runs = [medians[name, model, n] for n in IN_FLIGHT]
        bases = [medians[shown[0], model, n].rate for n in IN_FLIGHT]
        rates = [f"{r.rate:,.0f}/s" if name == shown[0] else _times(r.rate / base) for r, base in zip(runs, bases, strict=True)]
        p99s, cpus = " / ".join(f"{r.p99:,.0f}" for r in runs), " / ".join(f"{r.cpu:,.0f}" for r in runs)
        yield f"| {name} | {' | '.join(rates)} | {p99s} | {cpus} |"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 1 else f"{ratio:.1f}"


def sizes(servers: Iterable[Running]) -> Iterator[str]:
    """Seconds to the first right answer, and megabytes after the load, of all processes of a server."""
    yield "| server | ready, s | memory, MB |\n|---|---|---|"
    for server in servers:
        yield f"| {server.name} | {server.ready:.2f} | {server.process.memory():.0f} |"


def bars(medians: Medians, reference: str, native: str, others: Iterable[str]) -> Iterator[str]:
    """What issue 6 asks of the native transport, and whether these figures reach it."""
    for model, least in (("logistic", (2.5, 12, 25)), ("xgboost", (2.3, 9, 18))):
        own, base = ([medians[name, model, n] for n in IN_FLIGHT] for name in (native, reference))
        ratios = [a.rate / b.rate for a, b in zip(own, base, strict=True)]
        yield _bar(f"{TITLES[model]}, times the reference's throughput", ratios, least)
        yield _bar(f"{TITLES[model]}, p99 at 64, parts of the reference's", [base[2].p99 / own[2].p99], [20])
        yield _bar(f"{TITLES[model]}, CPU at 8, parts of the reference's", [base[1].cpu / own[1].cpu], [12])
        peers = [name for name in others if (name, model, 1) in medians]
        if peers:
            best = [max(medians[name, model, n].rate for name in peers) for n in IN_FLIGHT]
            yield _bar(f"{TITLES[model]}, times the best peer's", [a.rate / b for a, b in zip(own, best, strict=True)], [1, 1, 1])
        if (f"{native}, TLS", model, 1) in medians:
            kept = [medians[f"{native}, TLS", model, n].rate / a.rate for n, a in zip(IN_FLIGHT, own, strict=True)]
            yield _bar(f"{TITLES[model]}, throughput with TLS over that without", kept, [0.7] * 3)


def _bar(what: str, got: Sequence[float], least: Sequence[float]) -> str:
    verdict = "reached" if all(g >= bar for g, bar in zip(got, least, strict=True)) else "MISSED"
    return f"{what}: {' / '.join(f'{g:.3g}' for g in got)} (bar {' / '.join(f'{bar:g}' for bar in least)}) {verdict}"
