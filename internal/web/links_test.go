package web

import (
	"slices"
	"testing"

	"github.com/sagemaker-async/exporter/internal/check"
)

func TestStatus_linksAWarningToItsRunbookAndAnInfoToNone(t *testing.T) {
	for severity, want := range map[check.Severity]bool{check.Critical: true, check.Warning: true, check.Info: false} {
		r := full()
		first(&r).Findings = []check.Finding{failing("wake_alarm_wrong_metric", severity, "Wrong.")}
		l := newLook(&r, at)
		shown, _ := l.endpoint(&r.Endpoints[0])
		for _, found := range slices.Concat(shown.Criticals, shown.Warnings, shown.Infos) {
			if (found.Runbook != "") != want {
				t.Errorf("%s: the runbook is %q", severity, found.Runbook)
			}
		}
	}
}
