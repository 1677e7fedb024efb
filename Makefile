# Everything a developer or a CI run does is a target here. `make` alone lists them.

BINARY   := bin/sagemaker-async-exporter
LINT     := go tool -modfile=tools/golangci-lint/go.mod golangci-lint

# What --version says. The build date is the commit's, so that the same commit gives the same binary.
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH   ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)
DATE     ?= $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)
PACKAGE  := github.com/prometheus/common/version
LDFLAGS  := -s -w -X $(PACKAGE).Version=$(VERSION) -X $(PACKAGE).Revision=$(REVISION) -X $(PACKAGE).Branch=$(BRANCH) \
            -X $(PACKAGE).BuildUser=make -X $(PACKAGE).BuildDate=$(DATE)

.DEFAULT_GOAL := help
.PHONY: help build test lint fmt generate check-generated bench e2e fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build the static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BINARY) ./cmd/exporter

test: ## run every test that needs nothing but Go
	go vet ./...
	go test -race ./...

lint: ## run the linters
	$(LINT) run ./...

fmt: ## format the code
	$(LINT) fmt ./...

generate: ## write what is generated from code: docs/metrics.md, docs/flags.md
	go test ./collector -run '^TestMetricsPage$$' -count=1 -update
	go test ./cmd/exporter -run '^TestFlagsPage$$' -count=1 -update

check-generated: generate ## fail if what is generated is not what is committed
	@changed="$$(git status --porcelain -- docs)"; \
	if [ -n "$$changed" ]; then echo "run make generate and commit:"; echo "$$changed"; git diff -- docs; exit 1; fi

bench: ## measure; figures are ratios within one run, never a pass or a failure
	go test -run '^$$' -bench . -benchmem ./...

e2e: ## run the built binary with a real Prometheus (needs prometheus and promtool)
	@for program in prometheus promtool; do command -v $$program >/dev/null || \
	  { echo "make e2e needs $$program: install it (Debian: apt-get install prometheus)"; exit 1; }; done
	go test -race -tags e2e -count=1 -timeout 40m -v ./e2e/...

fuzz: ## run the fuzz targets for a short while each
	go test ./internal/config -run '^$$' -fuzz FuzzParse -fuzztime 30s

clean: ## remove what make has made
	rm -rf bin
