# One command each. Every target installs what it needs.

export CGO_ENABLED = 0
GO      ?= go
TOOLS    = $(GO) tool -modfile=tools/go.mod
SESAME   = bin/sesame
SOURCES := $(shell find . -name '*.go' -not -path './node_modules/*' -not -path './bench/*') go.mod go.sum

.PHONY: demo test lint bench secretsharing docs build arm64 debian browser peers oracle clean

build: $(SESAME)

$(SESAME): $(SOURCES)
	$(GO) build -trimpath -o $@ ./cmd/sesame

# The reference day on a real committee, with the page; Ctrl-C stops it.
demo: $(SESAME)
	$(SESAME) demo

test: debian browser peers
	$(GO) vet ./...
	$(GO) test -timeout 18m ./...

# Formatting, vet, static analysis, and the gateway's platform still builds.
lint: arm64
	@unformatted=$$($(TOOLS) gofumpt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted (gofumpt -w):"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(TOOLS) staticcheck ./...

arm64:
	GOOS=linux GOARCH=arm64 $(GO) build -trimpath -o bin/sesame-linux-arm64 ./cmd/sesame

# Prints figures and ratios against the peers in the same run.
bench: debian peers secretsharing
	$(GO) test -timeout 40m -run '^$$' -bench . -benchmem ./schedule/... ./vault/... ./ledger/...

# Our secret sharing against HashiCorp Vault's and circl's, in a module of its own.
secretsharing:
	cd bench/secretsharing && $(GO) vet . && $(GO) test . && $(GO) run .

# Every random case against GLPK, CBC and HiGHS; make test takes the first 60.
oracle: debian peers
	$(GO) test ./schedule/peers -run Agree -peers.cases=500 -v

# Regenerates the documentation's pictures of the page.
docs: debian browser $(SESAME)
	test/browser/pictures.sh

# Debian packages that tests and pictures need: independent solvers, a browser, an emulator.
debian:
	@missing=; for tool in glpsol:glpk-utils cbc:coinor-cbc chromium:chromium qemu-aarch64-static:qemu-user-static; do \
		command -v $${tool%%:*} >/dev/null || missing="$$missing $${tool##*:}"; done; \
	if [ -n "$$missing" ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing fonts-noto-cjk; fi

browser:
	@cd test/browser && { [ -d node_modules/playwright-core ] || npm ci --no-audit --no-fund; }

# HiGHS for the oracle tests and benchmarks.
peers:
	@cd schedule/peers/highs && { [ -d node_modules/highs ] || npm ci --no-audit --no-fund; }

clean:
	rm -rf bin test/browser/node_modules schedule/peers/highs/node_modules
