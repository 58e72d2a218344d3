# Needs make and Python 3.11 or newer; everything else is fetched into this folder.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] < (3,14))' \
  2>/dev/null && command -v $$p && break; done)
UV ?= $(shell command -v uv 2>/dev/null || echo .tooling/bin/uv)
SYNC = UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON="$(PYTHON)" $(UV) sync --frozen --compile-bytecode --quiet
RUN := .venv/bin/raptorflow
ARGS ?=
# Journeys in Chromium that every run of the suite walks; the others are in frontend/e2e.
E2E ?= e2e/journey e2e/auth e2e/client e2e/approvals e2e/onboarding e2e/runs
export CHROMIUM ?= /usr/bin/chromium

.PHONY: run test test-web web-types check format bench trust fuzz eval-routing eval-plans eval-claims eval-copy eval-extraction contract migrate demo doctor openapi test-sql clean help

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: .venv/run ## Start everything, embedded; Ctrl-C stops it
	@$(RUN) up $(ARGS)

test: .venv/dev tests/local/real_client/node_modules .tooling/strangers ## Run the whole suite
	@.venv/bin/pytest -n 2 --dist loadfile $(ARGS)
	@$(MAKE) --no-print-directory test-web

# In `make test` what is missing for it is said and passed over; .ci/run brings it.
test-web: .venv/run ## The web app: types against the API as it is, lint, units; E2E="e2e/journey e2e/auth" names journeys for Chromium
	@if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null; \
	then echo "Node 20.19 or newer is not installed: the web app is not tested."; \
	else $(MAKE) --no-print-directory frontend/node_modules/.package-lock.json && cd frontend \
	  && ../$(RUN) openapi > openapi.json && npm run -s types:fresh && npm run -s format:check && npm run -s lint \
	  && npm run -s test && if [ ! -x "$(CHROMIUM)" ]; then echo "$(CHROMIUM) is not here: no journey is walked."; \
	  elif [ -n "$(E2E)" ]; then npm run -s e2e -- $(E2E); fi; fi

web-types: .venv/run frontend/node_modules/.package-lock.json ## The web app's types from the API as it is
	@cd frontend && ../$(RUN) openapi > openapi.json && npm run -s api:types

check: .venv/dev ## Format, lint, types, layers
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

format: .venv/dev ## Format and mend what can be mended
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

bench: .venv/dev ## Measure, as ratios in one run, and write docs/benchmarks.md; ARGS="--small --only L1" tries it
	@.venv/bin/python -m benchmarks.report bench $(ARGS)

trust: .venv/dev ## What must hold when things go wrong, at full size; writes docs/trust.md
	@.venv/bin/python -m benchmarks.report trust $(ARGS)

fuzz: .venv/dev ## Ten thousand requests made from the OpenAPI document, in every phase, with figures
	@.venv/bin/pytest tests/trust/test_fuzz.py --full $(ARGS)

eval-routing: .venv/dev ## How well free text is routed, on sentences the router has not seen
	@.venv/bin/python -m evals.routing $(ARGS)

eval-plans: .venv/dev ## Plans of thirty companies by five categories: floors, budgets, sources, sameness
	@.venv/bin/python -m evals.plans $(ARGS)
eval-copy: .venv/dev ## 300 pieces of copy: every claim sourced or flagged, grammar counted where Harper is installed
	@.venv/bin/python -m evals.copy_quality $(ARGS)

eval-claims: .venv/dev ## Lies caught and false alarms of the claim check; ARGS=--unseal lists the sealed ones
	@.venv/bin/python -m tests.skills.evaluate_claims $(ARGS)

contract: .venv/dev ## Write what is read from the source: docs/errors.md
	@.venv/bin/python -m tests.problem_codes

.PHONY: examples
examples: .venv/dev ## Examples and problems in the OpenAPI document, from what tests saw; ARGS=tests/api/test_moves.py adds one file's
	@.venv/bin/python -m tests.examples $(ARGS)

.PHONY: scorer
scorer: .venv/dev .tooling/strangers ## Fit the scorer of statements, after changing its bank, signs or labels; ARGS=--folds only judges
	@.venv/bin/python -m evals.fitting $(ARGS)

eval-extraction: .venv/dev .tooling/strangers ## Facts and figures found in our texts and in strangers'; ARGS="--misses" or --unseal
	@.venv/bin/python -m evals.extraction $(ARGS)

.PHONY: python-client
TO ?= dist/python-client
python-client: .venv/dev ## A typed Python client from the API as it is, in TO=dist/python-client
	@mkdir -p "$(TO)" && $(RUN) openapi > "$(TO)/openapi.json" && PATH="$$PWD/.venv/bin:$$PATH" openapi-python-client generate \
	  --path "$(TO)/openapi.json" --config clients/python.yaml --meta none --overwrite --fail-on-warning \
	  --output-path "$(TO)/raptorflow_client"

demo: .venv/run ## Walk a founder's way on a sample (or ARGS="--evidence FILE")
	@$(RUN) demo $(ARGS)

doctor migrate openapi: .venv/run ## The command of the same name
	@$(RUN) $@ $(ARGS)

test-sql: .venv/dev ## pgTAP: needs Debian's postgresql-15-pgtap for its SQL files
	@.venv/bin/pytest -rs tests/sql/test_pgtap.py $(ARGS)

.PHONY: audit sbom secrets
audit sbom secrets: .venv/dev .tooling/supply/made ## Known faults of what we ship; a bill of materials in sbom/; keys left in files
	@.venv/bin/python .ci/supply.py $@

.PHONY: docs
docs: .tooling/docs/made .venv/run ## The documents as a site, in site/, with the API's document; a dead link fails
	@$(RUN) openapi > .tooling/openapi.json
	@NO_MKDOCS_2_WARNING=1 .tooling/docs/bin/mkdocs build --strict $(ARGS)

clean: ## Remove environments and local data
	@if [ -f .raptorflow/postgres/moved-to ]; then rm -rf "$$(cat .raptorflow/postgres/moved-to)"; fi
	rm -rf .venv .tooling .raptorflow .mypy_cache .ruff_cache .pytest_cache frontend/node_modules frontend/.next

# --- environments: made anew when the lock file changes ---------------------------------------------

.tooling/bin/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and was not found."; exit 1; }
	@"$(PYTHON)" -m venv .tooling || { echo "Install python3-venv, or uv itself, and try again."; exit 1; }
	@.tooling/bin/pip install -qq --disable-pip-version-check uv

# Compiled at once, because the stack starts several processes, each with hundreds of modules.
.venv/run: uv.lock pyproject.toml | $(filter .tooling/bin/uv,$(UV))
	@$(SYNC) --no-dev --inexact
	@touch $@

.venv/dev: uv.lock pyproject.toml | $(filter .tooling/bin/uv,$(UV))
	@$(SYNC)
	@touch $@ .venv/run

.tooling/supply/made: uv.lock | $(filter .tooling/bin/uv,$(UV))
	@UV_PROJECT_ENVIRONMENT=.tooling/supply UV_PYTHON="$(PYTHON)" $(UV) sync --frozen --quiet --only-group supply
	@touch $@

.tooling/docs/made: uv.lock | $(filter .tooling/bin/uv,$(UV))
	@UV_PROJECT_ENVIRONMENT=.tooling/docs UV_PYTHON="$(PYTHON)" $(UV) sync --frozen --quiet --only-group docs
	@touch $@

# The real supabase-js drives the local sign-in; without Node those tests say that they are skipped.
tests/local/real_client/node_modules: tests/local/real_client/package-lock.json
	@if command -v npm >/dev/null 2>&1; then \
	  npm ci --prefix tests/local/real_client --no-audit --no-fund --loglevel=error \
	  || echo "npm could not fetch supabase-js: the tests with it are skipped."; \
	else echo "Node is not installed: the tests with supabase-js are skipped."; fi

# Texts by other authors that the extractor is measured on. Unpacked, never imported; without a network the
# tests with them are skipped.
.tooling/strangers: evals/strangers.txt evals/strangers_older.txt | .venv/dev $(filter .tooling/bin/uv,$(UV))
	@rm -rf $@; mkdir -p $@
	@UV="$(UV) pip install --quiet --no-deps --only-binary :all: --python .venv/bin/python"; \
	  $$UV --target $@/current -r evals/strangers.txt && $$UV --target $@/older -r evals/strangers_older.txt \
	  && touch $@/complete || echo "The strangers' texts could not be fetched: the tests with them are skipped."

frontend/node_modules/.package-lock.json: frontend/package-lock.json frontend/package.json
	@cd frontend && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
	@touch $@
