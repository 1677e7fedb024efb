package collector

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestProcess_showsNothingThatHasNotHappened(t *testing.T) {
	process := NewProcess()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(process)
	for _, step := range []struct {
		happens func()
		want    []string
	}{
		{func() {}, []string{"exporter_build_info"}},
		{
			func() { process.ConfigReloaded(errors.New("bad file"), noon) },
			[]string{"exporter_build_info", "exporter_config_last_reload_successful"},
		},
		{
			func() {
				process.Configured(time.Minute, 25, 0.05)
				process.ConfigReloaded(nil, noon)
				process.AWSCall("SageMaker", "ListEndpoints", "OK", time.Second)
			},
			[]string{
				"exporter_aws_request_duration_seconds", "exporter_aws_requests_total", "exporter_build_info",
				"exporter_config_last_reload_success_timestamp_seconds", "exporter_config_last_reload_successful",
				"exporter_max_staleness_seconds", "exporter_monthly_budget_dollars", "exporter_throttled_threshold_ratio",
			},
		},
	} {
		step.happens()
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err) // also when a series appears that was not described
		}
		if got := names(families); !slices.Equal(got, step.want) {
			t.Errorf("got %v, want %v", got, step.want)
		}
	}
}

func TestProcess_aBrokenCodeCostsItselfAlone(t *testing.T) {
	process := NewProcess()
	process.AWSCall("SageMaker", "ListEndpoints", "bad\xffcode", time.Second)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(process)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"code=bad\uFFFDcode,operation=ListEndpoints,service=SageMaker 1"}
	if got := series(t, families, "exporter_aws_requests_total"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
