# Everything a developer or a CI run does is a target here. `make` alone lists them.

BINARY  := bin/sagemaker-async-exporter
ALERTER := bin/sagemaker-async-alerting
LINT    := go tool -modfile=$(CURDIR)/tools/golangci-lint/go.mod golangci-lint
BROWSER := e2e/browser
TERRAFORM := e2e/terraform
PAGES   := docs/metrics.md docs/flags.md docs/alerting-flags.md docs/configuration.md
GRANTS  := deploy/iam/read.json deploy/iam/reconcile.json
MADE    := docs dashboards deploy/iam
FUZZING ?= 30s
SOAK    ?= 24h
ROUNDS  ?= 3000
# Which share of the longest end-to-end tests make e2e runs: each commit runs another one. E2E_TURN=0 make e2e runs the first.
E2E_TURN ?= $(shell git rev-list --count HEAD 2>/dev/null || echo 0)
# Most of them wait for a clock, so more run beside each other than there are cores. The race detector is for make test: it
# would not see into the built binary, and it makes the embedded AWS slow.
E2E = go test -tags e2e -count=1 -parallel 8 -timeout 60m -v
# Runs spent on making one interesting input smaller. Go's own 60 seconds would eat the budget of a target.
SMALLER ?= 200x

# What --version says: the tag without its v. The build date is the commit's, so that the same commit gives the same binary.
VERSION  ?= $(patsubst v%,%,$(shell git describe --tags --always --dirty 2>/dev/null || echo dev))
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH   ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)
DATE     ?= $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)
PACKAGE  := github.com/prometheus/common/version
LDFLAGS   = -s -w -X $(PACKAGE).Version=$(VERSION) -X $(PACKAGE).Revision=$(REVISION) -X $(PACKAGE).Branch=$(BRANCH) \
            -X $(PACKAGE).BuildUser=make -X $(PACKAGE).BuildDate=$(DATE)

# What goreleaser is told, so that the flags of the linker and the commit's time stand here alone. With the same flags as
# make build it makes the same bytes.
RELEASER = PATH="$(CURDIR)/bin/tools:$$PATH" VERSION='$(VERSION)' DATE='$(DATE)' LDFLAGS='$(LDFLAGS)' \
           SOURCE_DATE_EPOCH="$$(git log -1 --format=%ct)" goreleaser

NEEDS_CHROMIUM = command -v chromium >/dev/null || { echo "make $@ needs chromium: install it (Debian: apt-get install chromium)"; exit 1; }

# What make image builds with, and what it builds.
BUILDER ?= localhost/sagemaker-async-exporter-builder
IMAGE   ?= localhost/sagemaker-async-exporter:latest

.DEFAULT_GOAL := help
.PHONY: $(BINARY) $(ALERTER) help build test test-long cover lint fmt generate check-generated rules promtool3 rules-prometheus3 alertmanager image image-test chart-tools chart chart-update cluster-tools chart-e2e package-files release-tools release-snapshot release-verify release-ready release release-image release-chart vulncheck bench soak fuzz e2e e2e-long e2e-programs faults prometheus3 e2e-prometheus3 browser terraform pictures clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: $(BINARY) $(ALERTER) ## build the static binaries

$(BINARY):
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(BINARY) ./cmd/exporter

$(ALERTER):
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(ALERTER) ./cmd/alerting

# make lint vets. Many tests wait most of their time: more of them run beside each other than there are processors. Scripts of
# the exporter's command line run what is built: they start it several hundred times, which takes long under the race detector.
test: $(BINARY) ## run every test that needs nothing but Go, with the race detector
	BUILT='$(CURDIR)/bin' go test -race -vet=off -short -p 4 -parallel 4 -timeout 20m ./...

test-long: ## the same with all rounds of the tests that try what chance brings
	go test -race -vet=off -timeout 60m ./...
	go test -vet=off -timeout 60m -run '^TestAgreement_' ./internal/behavior -rounds $(ROUNDS)
	go test -vet=off -run '^TestGate_losesNothing$$' -timeout 60m ./internal/observe -days 14

cover: ## say how much of each package the tests reach
	go test -coverpkg=./... -coverprofile=coverage.out ./...
	@go tool cover -func=coverage.out | tail -n 1

lint: ## run the linters; the first run builds them and takes minutes
	$(LINT) config verify
	$(LINT) run --allow-parallel-runners ./...
	for module in $(BROWSER) $(TERRAFORM); do (cd $$module && $(LINT) run --allow-parallel-runners ./...) || exit 1; done
	go tool -modfile=tools/actionlint/go.mod actionlint -shellcheck= -pyflakes= .github/workflows/*.yml

fmt: ## format the code
	$(LINT) fmt ./...
	for module in $(BROWSER) $(TERRAFORM); do (cd $$module && $(LINT) fmt ./...) || exit 1; done

generate: ## write what is made from code: docs/metrics.md, docs/flags.md, docs/alerting-flags.md, docs/configuration.md, the keys in docs/snapshot.md, figures of docs/simulation.md, ratios of docs/advice.md, prices in docs/cost.md, dashboards, IAM policies
	go test ./collector -run '^TestMetricsPage$$' -count=1 -update
	go test ./cmd/exporter -run '^(TestFlagsPage|TestCostTables)$$' -count=1 -update
	go test ./cmd/alerting -run '^TestFlagsPage$$' -count=1 -update
	go test ./internal/config -run '^TestPage_hasEveryKeyOfTheFile$$' -count=1 -update
	go test ./dashboards -run '^TestFiles_areTheDescriptionInTheCanonicalForm$$' -count=1 -update
	go test ./internal/simulate -run '^(TestClosedForms|TestLittlesLaw|TestTimingFacts|TestAssumptionsPage)$$' -count=1 -update
	go test ./internal/snapshot -run '^TestPage_hasEveryKey$$' -count=1 -update
	go test ./internal/savings -run '^TestPage_saysHowGoodTheAdviceIs$$' -count=1 -update
	go test ./internal/iam -run '^(TestFiles_areThePoliciesInJSON|TestCloudFormation_isWritten|TestPage_hasTheTableOfActions)$$' -count=1 -update

# The pages are removed first: one that nothing writes any more must not pass.
check-generated: ## on a clean tree: fail if what is made from code is not what is committed
	@rm -f $(PAGES) $(GRANTS)
	@$(MAKE) --no-print-directory generate
	@for file in $(PAGES) $(GRANTS); do test -s $$file || { echo "make generate did not write $$file"; exit 1; }; done
	@changed="$$(git status --porcelain -- $(MADE))" || exit 1; \
	if [ -n "$$changed" ]; then echo "run make generate and commit:"; echo "$$changed"; git --no-pager diff -- $(MADE); exit 1; fi

rules: ## check the alert rules and run their unit tests; needs promtool
	@command -v promtool >/dev/null || { echo "make rules needs promtool: install it (Debian: apt-get install prometheus)"; exit 1; }
	promtool check rules alerts/sagemaker-async.yaml
	printf '%s\n' alerts/tests/*.yaml | xargs -n 1 -P 2 promtool test rules # some tell of a week, minute by minute

promtool3: # of the newest Prometheus, beside the one that is installed
	CGO_ENABLED=0 go build -modfile=tools/prometheus/go.mod -tags remove_all_sd -o bin/tools/promtool3 -ldflags "-s -w" github.com/prometheus/prometheus/cmd/promtool

rules-prometheus3: promtool3 ## the same with the promtool of Prometheus 3; the first run builds it and takes minutes
	bin/tools/promtool3 check rules alerts/sagemaker-async.yaml
	printf '%s\n' alerts/tests/*.yaml | xargs -n 1 -P 2 bin/tools/promtool3 test rules

image: ## build the container image with buildah and this machine's own Go; needs buildah and busybox
	@for program in buildah busybox; do command -v $$program >/dev/null || \
	  { echo "make image needs $$program: install it (Debian: apt-get install buildah busybox-static)"; exit 1; }; done
	deploy/image/base.sh $(BUILDER)
	buildah bud --isolation chroot --pull=never --volume "$$(go env GOMODCACHE):/go/pkg/mod" --volume "$$(go env GOCACHE):/go/cache" \
	  --build-arg BUILDER=$(BUILDER) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) \
	  --build-arg BRANCH=$(BRANCH) --build-arg DATE=$(DATE) --build-arg TARGETARCH="$$(go env GOARCH)" --tag $(IMAGE) .

image-test: image ## build the image, look at it and run its demo; prints its compressed size
	IMAGE=$(IMAGE) go test -tags image -count=1 -v ./deploy/image

chart-tools: # Helm says that it talks to the Kubernetes whose schemas the manifests are held against
	CGO_ENABLED=0 go build -modfile=tools/helm/go.mod -o bin/tools/helm -ldflags "-s -w \
	  -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=37 \
	  -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=37" helm.sh/helm/v3/cmd/helm
	CGO_ENABLED=0 go build -modfile=tools/helm-docs/go.mod -o bin/tools/helm-docs github.com/norwoodj/helm-docs/cmd/helm-docs
	CGO_ENABLED=0 go build -modfile=tools/kubeconform/go.mod -o bin/tools/kubeconform github.com/yannh/kubeconform/cmd/kubeconform
	CGO_ENABLED=0 go build -modfile=tools/helm-unittest/go.mod -o bin/tools/helm-unittest github.com/helm-unittest/helm-unittest/cmd/helm-unittest
	CGO_ENABLED=0 go build -modfile=tools/kube-score/go.mod -o bin/tools/kube-score github.com/zegl/kube-score/cmd/kube-score

chart: chart-tools ## test the Helm chart; needs promtool. The first run builds helm and takes minutes
	@command -v promtool >/dev/null || { echo "make chart needs promtool: install it (Debian: apt-get install prometheus)"; exit 1; }
	PATH="$(CURDIR)/bin/tools:$$PATH" go test -tags chart -count=1 ./deploy/helm

chart-update: chart-tools ## write the golden files of the chart and its README
	PATH="$(CURDIR)/bin/tools:$$PATH" go test -tags chart -count=1 -run '^(TestRendered_isTheGolden|TestReadme_isWrittenFromTheValues)$$' ./deploy/helm -update

cluster-tools: # an API server of the Kubernetes whose schemas the manifests are held against, and the operator's definitions
	CGO_ENABLED=0 go build -modfile=tools/kube-apiserver/go.mod -o bin/tools/kube-apiserver -ldflags "-s -w \
	  -X k8s.io/component-base/version.gitVersion=v1.37.2 -X k8s.io/component-base/version.gitMajor=1 \
	  -X k8s.io/component-base/version.gitMinor=37" k8s.io/kubernetes/cmd/kube-apiserver
	cd tools/controller-gen && go tool controller-gen crd:maxDescLen=0 output:crd:dir=$(CURDIR)/bin/tools/crds \
	  paths=github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1

# What is needed is looked for before minutes are spent on building.
chart-e2e: ## install the Helm chart on a real API server; needs etcd and busybox. The first run takes 10 to 20 minutes
	@for program in etcd busybox; do command -v $$program >/dev/null || \
	  { echo "make chart-e2e needs $$program: install it (Debian: apt-get install etcd-server busybox-static)"; exit 1; }; done
	@$(MAKE) --no-print-directory build chart-tools cluster-tools
	go test -tags chart_e2e -count=1 -timeout 20m -v ./deploy/helm

# The list of modules has the checksum of the tool that wrote it: that tool is built the same everywhere.
release-tools:
	CGO_ENABLED=0 go build -modfile=tools/goreleaser/go.mod -o bin/tools/goreleaser github.com/goreleaser/goreleaser/v2
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -modfile=tools/cyclonedx-gomod/go.mod -o bin/tools/cyclonedx-gomod \
	  github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod

# A release is of a tag and of no branch: a tag that is checked out is on none either.
release release-snapshot release-image: BRANCH := HEAD

# What the programs print for a package: man pages and completion.
package-files: build
	deploy/package/files.sh bin bin/package

release-snapshot: release-tools package-files ## make what a release would publish in dist/, and publish nothing; the first run builds goreleaser and takes minutes
	$(RELEASER) check
	$(RELEASER) release --snapshot --clean

release-verify: release-snapshot ## on a clean tree: make it again elsewhere, and fail if a byte differs; takes minutes
	tools/goreleaser/verify.sh

release-ready: ## fail unless changelog and chart speak of the version that is checked out
	@grep -q '^## $(VERSION) ' CHANGELOG.md || { echo "CHANGELOG.md has no section for $(VERSION)"; exit 1; }
	@grep -qx 'appVersion: $(VERSION)' deploy/helm/sagemaker-async-exporter/Chart.yaml || { echo "the chart's appVersion is not $(VERSION)"; exit 1; }

release: release-ready release-tools package-files ## publish the tag that is checked out as a draft on GitHub; needs GITHUB_TOKEN
	$(RELEASER) check
	$(RELEASER) release --clean

# Both push: the workflow Release runs them at a tag, with cosign and a login to the repository of images.
PUBLISHED ?= ghcr.io/sagemaker-async/exporter
CHARTS    ?= ghcr.io/sagemaker-async/charts

release-image: release-ready ## push the signed image of the tag that is checked out; needs docker buildx, cosign and a login
	deploy/image/release.sh '$(PUBLISHED)' '$(VERSION)' '$(REVISION)' '$(BRANCH)' '$(DATE)'

release-chart: release-ready chart-tools ## push the signed chart with the digest of the image that release-image has pushed
	PATH="$(CURDIR)/bin/tools:$$PATH" deploy/helm/release.sh '$(CHARTS)'

vulncheck: ## look for known vulnerabilities in what the programs call; asks the vulnerability database of Go
	go tool -modfile=tools/govulncheck/go.mod govulncheck ./...

bench: ## measure, the built binary too, for an hour; figures are compared within one run and fail nothing
	go test -tags e2e -run '^$$' -bench . -benchmem -timeout 3h ./...

soak: ## the built binary for SOAK=24h of a simulated day with 1,000 endpoints and random faults, an hour in two minutes; a slope fails, a timing never
	SOAK=$(SOAK) go test -tags e2e -count=1 -timeout 3h -v -run '^TestSoak' ./e2e

fuzz: ## look for input that breaks a parser, FUZZING=30s for each
	@set -e; for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    go test $$package -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZING) -fuzzminimizetime $(SMALLER); done; done

e2e: browser terraform e2e-programs ## run the built binary with a real Prometheus, Alertmanager and browser, a share of the longest tests; needs prometheus, promtool, alertmanager, amtool and chromium
	E2E_TURN=$(E2E_TURN) $(E2E) ./e2e/...

e2e-long: browser terraform e2e-programs prometheus3 ## the same with all of the longest tests and a Prometheus 3 too: before a release, and each week
	E2E_TURN= PROMETHEUS_3="$(CURDIR)/bin/tools/prometheus3" $(E2E) ./e2e/...

terraform: ## read the plans that are written for Terraform with the parser of Terraform
	cd $(TERRAFORM) && go vet ./... && go test -count=1 ./...

e2e-programs:
	@for program in prometheus promtool amtool; do command -v $$program >/dev/null || \
	  { echo "make e2e needs $$program: install it (Debian: apt-get install prometheus prometheus-alertmanager)"; exit 1; }; done

faults: ## make every AWS operation fail in every way, and write and print what is seen; takes ten minutes
	E2E_TURN= $(E2E) -run '^TestFaults_areShownAndPass$$' ./e2e -update
	@cat e2e/testdata/faults.golden

prometheus3: # the newest Prometheus, beside the one that is installed
	CGO_ENABLED=0 go build -modfile=tools/prometheus/go.mod -tags remove_all_sd -o bin/tools/prometheus3 -ldflags "-s -w" github.com/prometheus/prometheus/cmd/prometheus

e2e-prometheus3: prometheus3 ## let the installed Prometheus and a Prometheus 3 see the counters turn with the month; the first run builds the latter and takes minutes
	PROMETHEUS_3="$(CURDIR)/bin/tools/prometheus3" go test -tags e2e -count=1 -timeout 10m -v -run '^TestCounters_theTurn' ./e2e

browser: ## look at the pages of the built binary with a real browser; needs chromium
	@$(NEEDS_CHROMIUM)
	cd $(BROWSER) && go vet ./... && go test -count=1 -timeout 20m -v ./...

pictures: ## make the pictures of README from the demo; needs chromium
	@$(NEEDS_CHROMIUM)
	mkdir -p docs/pictures
	cd $(BROWSER) && go test -run '^TestPictures' -count=1 -v . -update

alertmanager: ## check the example configurations of Alertmanager and Prometheus; needs amtool and promtool
	@for program in amtool promtool; do command -v $$program >/dev/null || \
	  { echo "make alertmanager needs $$program: install it (Debian: apt-get install prometheus prometheus-alertmanager)"; exit 1; }; done
	amtool check-config deploy/alertmanager/alertmanager.yml
	amtool template render --template.glob=deploy/alertmanager/sagemaker-async.tmpl \
	  --template.text='{{ template "sagemaker_async.title" . }} {{ template "sagemaker_async.text" . }}' >/dev/null
	promtool check config deploy/compose/prometheus.yml

clean: ## remove what make has made
	rm -rf bin dist coverage.out
