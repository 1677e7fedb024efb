// Package helm holds the tests of the Helm chart beside it. Those behind the build tag chart look at what is rendered: they
// need helm, helm-docs, kubeconform and promtool, of which make chart builds the first three. Those behind chart_e2e install
// the chart on a kube-apiserver that make chart-e2e builds. No controller runs there, and no kubelet: what they would do for
// a test is done by the test, on loopback.
package helm
