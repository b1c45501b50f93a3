# Nothing but PATH is expected in the environment.
export LC_ALL := C.UTF-8
export PYTHONUTF8 := 1
export PATH := $(CURDIR)/.venv/bin:$(PATH)
SHELL := /bin/sh

DEMO ?= 1
ROUNDS ?= 100
SIZES ?= 10000
ENGINES ?= sqlite postgresql
CATALOGS := $(wildcard translations/*/LC_MESSAGES/messages.po)
COMPILED := $(CATALOGS:.po=.mo)
CHROMIUM := apt-get install -y --no-install-recommends chromium-headless-shell

.DEFAULT_GOAL := help
.PHONY: help run install test lint format unit soak browser bench words chromium

help:
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

run: .venv/product $(COMPILED) ## start the back office with demo data; PORT=8000, DEMO=0 starts empty
	@flask --app app db upgrade
	@[ "$(DEMO)" = 0 ] || flask --app app demo --orders 2000 --if-empty
	@exec gunicorn 'app:create_app()'

install: .venv/product $(COMPILED) ## the packages and languages of an installation; starts nothing

test: lint chromium $(COMPILED) ## every check and every test, PostgreSQL and browser included
	@pytest -n 3 --dist worksteal

lint: .venv/development ## style, types, layers, safety, packages, leftovers
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports
	@bandit -q -c pyproject.toml -r .
	@deptry .
	@vulture

format: .venv/development ## put the code into its usual layout
	@ruff check --fix .
	@ruff format .

unit: .venv/development $(COMPILED) ## the quick tests: SQLite, no browser
	@pytest -m 'not browser' -k 'not postgresql'

soak: .venv/development $(COMPILED) ## races, crashes and properties in their long form; ROUNDS=100
	@pytest -n 2 --dist worksteal -m 'race or hypothesis' --rounds=$(ROUNDS) --hypothesis-profile=soak

browser: .venv/development chromium $(COMPILED) ## the tests in a real browser
	@pytest -n 3 --dist worksteal -m browser

bench: ROUNDS = 7
bench: .venv-bench/ready $(COMPILED) ## beside the simplest page and other admin panels; SIZES="10000 1000000" COUNTED=100000 ENGINES=sqlite ROUNDS=7
	@.venv-bench/bin/python -m benchmarks.run --sizes $(SIZES) --counted $(COUNTED) --engines $(ENGINES) --rounds $(ROUNDS)

words: .venv/development ## put new sentences into the catalogs of the other languages
	@pybabel -q extract -F translations/babel.cfg -k lazy_gettext -k Refused -k NotNow -k Invalid:2 -k Fault -k Needed:1 -k __init__ --no-location -o translations/messages.pot .
	@for language in nl de; do pybabel -q update -N --no-wrap --ignore-obsolete --ignore-pot-creation-date -i translations/messages.pot -d translations -l $$language; done
	@sed -i '/^"\(Project-Id\|Report-\|POT-\|PO-Rev\|Last-\|Language-Team\|Generated\)/d' $(CATALOGS)
	@rm translations/messages.pot

%.mo: %.po .venv/product
	@pybabel -q compile -i $< -o $@

.venv/product: requirements.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed as python3.'; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { echo 'python3 -m venv is missing: apt-get install python3-venv'; exit 1; }
	@[ -x .venv/bin/pip ] || python3 -m venv --clear .venv
	@pip install --quiet --use-pep517 --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/development: requirements-dev.txt .venv/product
	@pip install --quiet --use-pep517 --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv-bench/ready: benchmarks/requirements.txt requirements.txt
	@[ -x .venv-bench/bin/pip ] || python3 -m venv --clear .venv-bench
	@.venv-bench/bin/pip install --quiet --use-pep517 --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

chromium:
	@if command -v chromium-headless-shell; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get && apt-get update && $(CHROMIUM); then :; \
	elif command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	else echo 'The browser tests need Chromium: sudo $(CHROMIUM)'; exit 1; fi >&2
