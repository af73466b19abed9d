"""Serving: this project's server on both transports beside plain grpcio, and beside everybody else's.

    python benchmarks/serving.py                   plain grpcio and this project's transports
    python benchmarks/serving.py --peers           and every script of rivals/serving, or those that are named
    python benchmarks/serving.py --tls --token     and this project's transports with TLS, and with a token

Each server has core 0 and h2load core 1. All run all the time; those that are not measured are held (SIGSTOP). Runs are
interleaved, and medians of the repetitions are printed. A server's answers are checked against a session in this process, and
every reply of a run by its status and its length. Needs h2load (nghttp2), two cores that are otherwise idle, and Linux. Peers
are installed by pip, each into an environment of its own (.bench); one that cannot be is named with the reason.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from servers import h2load, rivals, security
from servers.models import TITLES, prepare
from servers.process import UnavailableError
from servers.rivals import Rival
from servers.running import Running
from servers.table import IN_FLIGHT, Medians, bars, sizes, table

HERE = Path(__file__).parent
TRANSPORTS = ("grpcio", "native")
REFERENCE, NATIVE = "grpcio, plain", "vajra-onnx, native"


def main() -> None:
    """Start, check, measure, print."""
    asked = arguments()
    h2load.check()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        servers = started(asked, Path(name), stack)
        medians = measured(servers, asked)
        for model in TITLES:
            print("\n".join(table(medians, model, servers)) + "\n")
        print("\n".join(sizes(servers)) + "\n")
        names = list(dict.fromkeys(name for name, _, _ in medians))
        if {REFERENCE, NATIVE} <= set(names):
            others = [each for each in names if not each.startswith("vajra-onnx") and each != REFERENCE]
            print("\n".join(bars(medians, REFERENCE, NATIVE, others)))
        save(medians, servers)


def arguments() -> argparse.Namespace:
    """Of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = rivals.peers()
    parser.add_argument("--peers", nargs="*", choices=known, metavar="PEER", help=f"all, or some of {', '.join(known)}")
    parser.add_argument("--tls", action="store_true", help="this project's transports with TLS, too")
    parser.add_argument("--token", action="store_true", help="this project's transports with a token, too")
    parser.add_argument("--seconds", type=float, default=1.0, help="of one run (default 1)")
    parser.add_argument("--repetitions", type=int, default=3, help="medians of so many (default 3)")
    parser.add_argument("--cache", type=Path, default=HERE.parent / ".bench", help="folder of the peers' environments")
    asked = parser.parse_args()
    asked.peers = known if asked.peers == [] else asked.peers or []
    return asked


def started(asked: argparse.Namespace, folder: Path, stack: ExitStack) -> list[Running]:
    """The servers that could be started, the reference first; a line about each of the others."""
    rows, servers = prepare(folder), []
    for name, make in contenders(asked, folder):
        try:
            servers.append(Running(make(), folder, rows))
        except UnavailableError as reason:
            print(f"{name} is not measured: {reason}", file=sys.stderr, flush=True)
        else:
            stack.callback(servers[-1].process.end)
    return servers


def contenders(asked: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Callable[[], Rival]]]:
    """Names, and what makes each."""
    yield rivals.REFERENCE, partial(rivals.script, rivals.REFERENCE, asked.cache)
    for transport in TRANSPORTS:
        yield f"vajra-onnx, {transport}", partial(rivals.ours, transport)
    for transport in TRANSPORTS:
        if asked.tls:
            yield f"vajra-onnx, {transport}, TLS", partial(security.with_tls, transport, folder)
        if asked.token:
            yield f"vajra-onnx, {transport}, token", partial(security.with_token, transport, folder)
    for name in asked.peers:
        yield name, partial(rivals.script, name, asked.cache)


def measured(servers: list[Running], asked: argparse.Namespace) -> Medians:
    """By server, model and requests in flight; a server that fails under load is named, and has no figures any more."""
    runs: dict[tuple[str, str, int], list[h2load.Measured]] = {}
    failed = set[str]()
    for turn, model in enumerate(list(TITLES) * asked.repetitions):
        print(f"{TITLES[model]}, repetition {turn // len(TITLES) + 1} of {asked.repetitions}", file=sys.stderr, flush=True)
        for in_flight in IN_FLIGHT:
            for server in servers:
                if model not in server.rival.models or server.name in failed:
                    continue
                try:
                    run = server.measure(model, in_flight, asked.seconds)
                    runs.setdefault((server.name, model, in_flight), []).append(run)
                except UnavailableError as reason:
                    failed.add(server.name)
                    print(f"{server.name} is no longer measured: {reason}", file=sys.stderr, flush=True)
    return {key: h2load.medians(each) for key, each in runs.items() if key[0] not in failed}


def save(medians: Medians, servers: list[Running]) -> None:
    """All figures as JSON, where benchmarks/run.py puts its own."""
    figures = [{"server": name, "model": model, "in_flight": n, **run._asdict()} for (name, model, n), run in medians.items()]
    sizes = [{"server": s.name, "ready_s": s.ready, "memory_mb": s.process.memory()} for s in servers]
    target = HERE / "results"
    target.mkdir(exist_ok=True)
    (target / "serving.json").write_text(json.dumps({"load": figures, "servers": sizes}, indent=2))


if __name__ == "__main__":
    main()
