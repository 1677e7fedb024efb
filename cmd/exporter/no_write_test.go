package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awssim"
	pages "github.com/sagemaker-async/exporter/internal/web"
)

// Neither an exporter with a plan that it may not carry out, nor one that carries plans out and has nothing to do, can be
// made to write by a request.
func TestServe_noRequestWritesToAWS(t *testing.T) {
	for name, flags := range map[string][]string{
		"a plan, and no --reconcile": {"--reconcile.endpoints=.*"},
		"--reconcile without a plan": {"--reconcile", "--reconcile.endpoints=ocr-nightly"},
	} {
		t.Run(name, func(t *testing.T) {
			aws, err := awssim.StartDemo(awssim.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = aws.Close() })
			p := launch(t, append([]string{"--demo", "--demo.aws=" + aws.URL()}, flags...)...)
			p.ready()
			p.want("exporter_source_up account_id=111122223333,region=us-east-1,source=scaling", 1)
			p.eventually("looked at in whole", func() error {
				if plan, err := p.get("/plan"); err != nil || strings.Contains(plan, "o plan yet") {
					return fmt.Errorf("%s %w", plan, err)
				}
				return nil
			})
			plan, err := p.get("/plan")
			if err != nil || strings.Contains(plan, " to create, ") != (len(flags) == 1) {
				t.Fatalf("its plan is %q, %v", plan, err)
			}
			answered := 0
			for _, path := range []string{
				"/", "/metrics", pages.PlanPath, pages.PlanPath + "?format=json", pages.PlanPath + "?apply=true", pages.StatusPath, pages.StatusPath + "?q=x",
				pages.StatusPath + "/111122223333/us-east-1/ocr-nightly", pages.StatusPath + "/111122223333/us-east-1/align-new", pages.StylePath,
				pages.HealthyPath, pages.ReadyPath, pages.ReloadPath, "/apply", "/-/apply", "/-/quit", "/api/v1/apply", "/debug/pprof/", "/debug/vars",
			} {
				for _, method := range []string{
					http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "APPLY",
				} {
					request, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(`{"apply":true,"reconcile":true}`))
					if err != nil {
						t.Fatal(err)
					}
					response, err := http.DefaultClient.Do(request)
					if err != nil {
						t.Fatalf("%s %s: %v", method, path, err)
					}
					_ = response.Body.Close()
					if response.StatusCode == http.StatusOK {
						answered++
					}
				}
			}
			if answered < 15 {
				t.Errorf("only %d requests were answered", answered)
			}
			if writes := aws.Writes(); len(writes) > 0 {
				t.Errorf("it wrote: %v", writes)
			}
		})
	}
}
