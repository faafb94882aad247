# `make` lists what there is. A fresh machine needs Go, git and make; the rest is fetched by Go.

GO ?= go
ARGS ?=
TESTFLAGS ?=
BENCHES ?= plan dial conversations salesforce

# The program and the tools are built without C, so that no compiler is needed; the race detector alone wants one.
export CGO_ENABLED := 0
TOOL = $(GO) tool -modfile=tools/go.mod
# A compiler without the C library's headers is of no use to it.
CC_FOR_RACE = $(shell for cc in "$$CC" cc gcc clang; do \
	[ -n "$$cc" ] && printf '\043include <stdlib.h>\n' | $$cc -E - >/dev/null 2>&1 && echo "$$cc" && break; done)
# Go stops where git refuses to read the checkout, for example because another user owns it.
BUILDVCS = $(shell git rev-parse HEAD >/dev/null 2>&1 || echo -buildvcs=false)

# The journeys need a browser. CHROMIUM names one; else one of the usual names is taken, and where there is none, root on
# Debian installs it. A name alone is not enough: some systems keep a stub that only says what to install.
FIND_CHROMIUM = for name in "$$CHROMIUM" chromium chromium-browser google-chrome google-chrome-stable; do \
	[ -n "$$name" ] && "$$name" --version >/dev/null 2>&1 && command -v "$$name" && break; done
INSTALL_CHROMIUM = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then \
	echo "installing chromium for the journeys" && export DEBIAN_FRONTEND=noninteractive && { \
	apt-get install -y --no-install-recommends chromium fonts-dejavu-core >/dev/null 2>&1 || { apt-get update >/dev/null && \
	apt-get install -y --no-install-recommends chromium fonts-dejavu-core >/dev/null; }; }; fi
JOURNEYS = internal/journeys

.DEFAULT_GOAL := help
.PHONY: help demo build test journeys lint generate verify bench

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## everything on this machine with sample data: database, simulator, worker, web (ARGS=--once)
	@./bin/henk demo $(ARGS)

build: ## build bin/henk
	@$(GO) build $(BUILDVCS) -trimpath -o bin/henk ./cmd/henk

test: lint verify ## lint, verify, and all tests (TESTFLAGS='-run X')
	@packages=./...; \
	chromium=$$($(FIND_CHROMIUM)) || { $(INSTALL_CHROMIUM); chromium=$$($(FIND_CHROMIUM)); }; \
	if [ -n "$$chromium" ]; then \
		export CHROMIUM="$$chromium"; \
	elif [ -z "$$CI" ]; then \
		echo "note: no Chromium found (CHROMIUM, chromium, google-chrome) and none could be installed, so the journeys in $(JOURNEYS) are left out"; \
		packages=$$($(GO) list ./... | grep -v '/$(JOURNEYS)$$'); \
	fi; \
	cc='$(CC_FOR_RACE)'; if [ -n "$$cc" ]; then \
		CGO_ENABLED=1 CC="$$cc" $(GO) test -race $(TESTFLAGS) $$packages; \
	else \
		echo "note: no C compiler with headers found (gcc, libc6-dev), so the tests run without the race detector"; \
		$(GO) test $(TESTFLAGS) $$packages; \
	fi

journeys: ## the journeys in Chromium alone; their pictures stay in bin/screenshots
	@HENK_SCREENSHOTS="$(CURDIR)/bin/screenshots" $(GO) test -count=1 -v ./$(JOURNEYS)

lint: ## go vet and staticcheck
	@$(GO) vet ./...
	@$(TOOL) staticcheck ./...

generate: ## generate internal/store/dbsqlc from the queries and format the code
	@cd internal/store && $(GO) tool -modfile=../../tools/go.mod sqlc generate
	@$(GO) fmt ./...

verify: ## check that generated code, formatting, go.mod and go.sum are current
	@cd internal/store && $(GO) tool -modfile=../../tools/go.mod sqlc diff || { echo "run make generate"; exit 1; }
	@unformatted=$$("$$($(GO) env GOROOT)/bin/gofmt" -l .) || exit 1; \
		[ -z "$$unformatted" ] || { echo "$$unformatted"; echo "not formatted: run make generate"; exit 1; }
	@$(GO) mod tidy -diff || { echo "run go mod tidy"; exit 1; }

bench: build ## the load programs behind docs/performance.md (BENCHES='plan dial', ARGS=--json)
	@for name in $(BENCHES); do ./bin/henk bench "$$name" $(ARGS) || exit 1; done
