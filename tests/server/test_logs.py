"""Log lines, and what a server that others can reach says when it starts."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from pki import Authority
from serving import process

from vajra_onnx.server import logs
from vajra_onnx.server.serve import exposed
from vajra_onnx.server.tls import Certificates
from vajra_onnx.server.tokens import Tokens, line


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("vajra_onnx.server", logging.WARNING, __file__, 1, message, (), None)
    vars(made).update(extra)
    return made


def test_json_lines() -> None:
    entry = json.loads(logs.Json().format(record('a\n{"level": "x"}', request="7", milliseconds=3, other=1)))
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "warning",
        "logger": "vajra_onnx.server",
        "message": 'a\n{"level": "x"}',
        "request": "7",
        "milliseconds": 3,
    }


@pytest.mark.parametrize("form", [logs.Json(), logs.Text()])
def test_no_text_of_a_client_makes_a_line_of_its_own(form: logging.Formatter) -> None:
    assert len(form.format(record("unknown model 'a\r\n10:00:00 INFO all is well'")).splitlines()) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.1.1", "localhost", "::1"])
def test_the_loopback_interface_needs_no_warning(host: str) -> None:
    assert exposed(host, None, None) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "example.org", ""])
def test_every_other_does(host: str, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(line("one", "x", ["admin"]))
    tokens = Tokens(tmp_path / "tokens")
    plain, mutual = Certificates("cert", "key"), Certificates("cert", "key", "ca")
    assert [text[:9] for text in exposed(host, None, None)] == ["NO TLS on", "NO TOKENS"]
    assert [text[:9] for text in exposed(host, None, tokens)] == ["NO TLS on"]
    assert [text[:9] for text in exposed(host, plain, None)] == ["NO TOKENS"]
    assert exposed(host, plain, tokens) == exposed(host, mutual, None) == []


def test_serve_with_everything(repository: Path, tmp_path: Path) -> None:
    from vajra_onnx.client import Client

    authority = Authority(tmp_path)
    tls = authority.server()
    (tmp_path / "tokens").write_text(line("one", "secret", ["model:*"]))
    options = ["--tls-cert", str(tls.cert), "--tls-key", str(tls.key), "--tokens", str(tmp_path / "tokens")]
    with process(str(repository / "matrix/1/model.onnx"), *options, "--log-format", "json") as (server, ready):
        address = ready.partition("ready on ")[2].partition(",")[0]
        with Client(address, tls=authority.ca, token="secret") as client:
            assert client.ready("matrix")
        server.terminate()
        assert server.wait(timeout=20) == 0
        assert server.stderr is not None
        entries = [json.loads(text) for text in server.stderr]
    assert all({"time", "level", "logger", "message"} <= entry.keys() for entry in entries)
    assert entries[-1]["message"] == "stopped, all done"


def test_half_a_configuration_is_refused(repository: Path, tmp_path: Path) -> None:
    with process(str(repository / "matrix/1/model.onnx"), "--tls-cert", "x.pem") as (server, ready):
        assert ready == ""
        assert server.wait(timeout=20) == 1
        assert server.stderr is not None
        assert "TLS is half configured: expected certificate and key, got cert" in server.stderr.read()
