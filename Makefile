# make         the environment, then the whole analysis
# make test    the tests
# make lint    style, types, workflow conventions
# make bench   slow comparisons, printed
# make certify random hostile data against scans of the likelihoods and fifty digits, and new examples for the tests
#              that draw theirs, and 20,000 hostile inputs: some half an hour
# make audit   known vulnerabilities of the pinned versions, asked of the advisory service (needs the network)
# make lock    resolve the pinned versions anew (needs uv)

PYTHON ?= python3
# The tools that the tools call (snakefmt calls shfmt) stand beside them.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet

.DELETE_ON_ERROR:
.PHONY: all test lint bench certify audit lock clean

all: .venv/ready
	.venv/bin/snakemake --cores 4

test: .venv/ready
	.venv/bin/python -m pytest

lint: .venv/ready
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/snakefmt --check Snakefile workflow/rules
	.venv/bin/snakemake --lint

bench: .venv/ready
	.venv/bin/python tests/benchmarks/pipeline.py
	.venv/bin/python tests/benchmarks/checks.py
	.venv/bin/python tests/benchmarks/engine.py
	.venv/bin/python tests/benchmarks/doubt.py

certify: .venv/ready
	.venv/bin/python tests/certify/modes.py 100000 1
	.venv/bin/python tests/certify/components.py 20000 1
	.venv/bin/python tests/certify/digits.py 2000 1
	.venv/bin/python tests/certify/fuzz.py 20000 1
	for seed in 1 2 3 4 5 6 7 8 9 10; do .venv/bin/python -m pytest -m hypothesis --hypothesis-profile=search --hypothesis-seed=$$seed || exit; done

# One lock serves Python 3.11 to 3.13. The build tool goes first, because one dependency has no wheel and is
# built without an isolated (and so unpinned) build environment.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11, 3.12 or 3.13 is needed, this is %d.%d: say make PYTHON=python3.x" % sys.version_info[:2] if not (3, 11) <= sys.version_info < (3, 14) else 0)'
	rm -rf .venv
	$(PYTHON) -m venv .venv
	sed -n '/^setuptools==/,/# via/p' requirements.lock > .venv/build.lock
	$(PIP) install --require-hashes -r .venv/build.lock
	$(PIP) install --require-hashes --no-build-isolation -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	.venv/bin/python -m compileall -q workflow/reanalysis
	touch $@

# --strict: a package that could not be looked up is no clean one, but pip-audit only names it.
audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip --disable-pip-version-check --quiet install pip-audit==2.10.1
	build/audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

lock:
	uv pip compile --universal --fork-strategy fewest --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url --no-header pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv .snakemake logs build
