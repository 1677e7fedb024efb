package main

import (
	"os"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/reconcile"
)

// A pod has time for what goes on after SIGTERM: a round of reconcile, and then the Lease is given back, while answers under way
// are finished.
func TestChart_graceOutlastsReconcile(t *testing.T) {
	page, err := os.ReadFile("../../deploy/helm/sagemaker-async-exporter/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var values struct {
		Grace int `yaml:"terminationGracePeriodSeconds"`
	}
	if err := yaml.Unmarshal(page, &values); err != nil {
		t.Fatal(err)
	}
	const lease = 5 * time.Second
	if grace := time.Duration(values.Grace) * time.Second; grace < reconcile.Finishing+lease {
		t.Errorf("a pod is killed after %s, and reconcile may go on for %s", grace, reconcile.Finishing)
	}
}
