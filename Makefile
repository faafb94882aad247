# `make` lists what there is. A fresh machine needs Go, git and make; the rest is fetched by Go.

GO ?= go
ARGS ?=
TESTFLAGS ?=
BENCHES ?= plan dial

# The program and the tools are built without C, so that no compiler is needed; the race detector alone wants one.
export CGO_ENABLED := 0
TOOL = $(GO) tool -modfile=tools/go.mod
# A compiler without the C library's headers is of no use to it.
CC_FOR_RACE = $(shell for cc in "$$CC" cc gcc clang; do \
	[ -n "$$cc" ] && printf '\043include <stdlib.h>\n' | $$cc -E - >/dev/null 2>&1 && echo "$$cc" && break; done)
# Go stops where git refuses to read the checkout, for example because another user owns it.
BUILDVCS = $(shell git rev-parse HEAD >/dev/null 2>&1 || echo -buildvcs=false)

.DEFAULT_GOAL := help
.PHONY: help demo build test lint generate verify bench

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## everything on this machine with sample data: database, simulator, worker, web (ARGS=--once)
	@./bin/henk demo $(ARGS)

build: ## build bin/henk
	@$(GO) build $(BUILDVCS) -trimpath -o bin/henk ./cmd/henk

test: lint verify ## lint, verify, and all tests (TESTFLAGS='-run X')
	@cc='$(CC_FOR_RACE)'; if [ -n "$$cc" ]; then \
		CGO_ENABLED=1 CC="$$cc" $(GO) test -race $(TESTFLAGS) ./...; \
	else \
		echo "note: no C compiler with headers found (gcc, libc6-dev), so the tests run without the race detector"; \
		$(GO) test $(TESTFLAGS) ./...; \
	fi

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
