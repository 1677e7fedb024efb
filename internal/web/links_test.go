package web

import (
	"slices"
	"testing"

	"github.com/sagemaker-async/exporter/internal/check"
)

func TestStatus_linksAWarningToItsRunbookAndAnInfoToNone(t *testing.T) {
	for severity, want := range map[check.Severity]bool{check.Critical: true, check.Warning: true, check.Info: false} {
		r := full()
		r.Variants[0].Findings = []check.Finding{failing("wake_alarm_wrong_metric", severity, "Wrong.")}
		l := newLook(&r, at)
		shown, _ := l.endpoint(0, 0)
		for _, found := range slices.Concat(shown.Criticals, shown.Warnings, shown.Infos) {
			if (found.Runbook != "") != want {
				t.Errorf("%s: the runbook is %q", severity, found.Runbook)
			}
		}
	}
}
