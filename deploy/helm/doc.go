// Package helm holds the tests of the Helm chart beside it. They stand behind the build tag chart, because they need helm,
// helm-docs, kubeconform and promtool: make chart builds the first three.
package helm
