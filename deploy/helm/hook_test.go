//go:build chart_e2e

package helm

import (
	"context"
	"strings"
	"syscall"
	"testing"
)

func TestHelmTest_passesWhileTheExporterAnswersAndNotAfterwards(t *testing.T) {
	const namespace = "helm-test"
	r := prepare(t, namespace, "--values", chart+"/ci/demo-values.yaml")
	r.install(t)
	exporter := runPod(t, r.deployment(t))
	ctx, cancel := context.WithCancel(t.Context())
	done := runTests(ctx, t, namespace, exporter)
	defer func() {
		cancel()
		<-done
	}()

	helm(t, "test", name, "--namespace", namespace, "--timeout", "1m")
	if err := exporter.end(syscall.SIGTERM); err != nil {
		t.Fatalf("stopping the exporter: %v", err)
	}
	out, errs, ok := run(t, "", "helm", "test", name, "--namespace", namespace, "--timeout", "1m")
	if ok || !strings.Contains(errs, "-test failed") {
		t.Errorf("nobody answers, and helm test succeeds (%t) or gives another reason: %s%s", ok, out, errs)
	}
	r.uninstall(t)
}
