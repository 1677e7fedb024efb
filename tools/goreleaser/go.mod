// Pins what makes a release. A module of its own keeps its dependencies out of the product's.
module github.com/sagemaker-async/exporter/tools/goreleaser

go 1.26.0
