//go:build chart_e2e

package helm

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// served fails the test if the exporter does not show what its release configures: a series, and a header of each answer.
func served(t *testing.T, exporter *pod, series, frames string) {
	t.Helper()
	page, err := exporter.get("/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(series).MatchString(page) {
		t.Errorf("no series is %s", series)
	}
	response, err := http.Get("http://" + exporter.address + "/-/healthy")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Get("X-Frame-Options"); got != frames {
		t.Errorf("X-Frame-Options is %q, want %q", got, frames)
	}
}

func TestHelmTest_passesWhileTheExporterAnswersAndNotAfterwards(t *testing.T) {
	for _, tt := range []struct{ namespace, set, series, frames string }{
		{"helm-test", "demo=true", `(?m)^sagemaker_async_up\{.*\} 1$`, ""},
		{
			"helm-test-files", "demo=true,web.existingSecret=web,config.objectives[0].endpoints=.*,config.objectives[0].latency=7m",
			`(?m)^sagemaker_async_latency_objective_seconds\{.*\} 420$`, "deny",
		},
	} {
		t.Run(tt.namespace, func(t *testing.T) {
			r := prepare(t, tt.namespace, "--set", tt.set)
			here.ensure(t, object{
				"apiVersion": "v1", "kind": "Secret", "metadata": object{"namespace": tt.namespace, "name": "web"},
				"stringData": object{"web-config.yml": "http_server_config: {headers: {X-Frame-Options: deny}}\n"},
			})
			r.install(t)
			exporter := runPod(t, r.deployment(t))
			ctx, cancel := context.WithCancel(t.Context())
			done := runTests(ctx, t, tt.namespace, exporter)
			defer func() {
				cancel()
				<-done
			}()

			helm(t, "test", name, "--namespace", tt.namespace, "--timeout", "1m")
			served(t, exporter, tt.series, tt.frames)
			if err := exporter.end(syscall.SIGTERM); err != nil {
				t.Fatalf("stopping the exporter: %v", err)
			}
			out, errs, ok := run(t, "", "helm", "test", name, "--namespace", tt.namespace, "--timeout", "1m")
			if ok || !strings.Contains(errs, "-test failed") {
				t.Errorf("nobody answers, and helm test succeeds (%t) or gives another reason: %s%s", ok, out, errs)
			}
			r.uninstall(t)
		})
	}
}
