// Package operator keeps the types of the Prometheus operator in go.mod: controller-gen, which is pinned there too, makes the
// CustomResourceDefinitions from them on which make chart-e2e installs the chart.
package operator

import _ "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1" // makes the module one that is used
