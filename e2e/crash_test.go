//go:build e2e

package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awssim"
)

func TestApply_killedAfterAnyWriteTheNextRunConverges(t *testing.T) {
	t.Parallel()
	undisturbed := demoAt(t, 1)
	leaves(t, 0, joining(undisturbed, everyEndpoint, "apply", "align-new")...)
	want, writes := scalingOf(undisturbed, "align-new"), len(undisturbed.Writes())
	if writes != 5 { // four objects, and at last the minimum that lets it sleep
		t.Fatalf("an undisturbed run wrote %d times, want 5", writes)
	}
	for n := 1; n <= writes; n++ {
		aws := demoAt(t, 1)
		killedAfter(t, aws, n)
		if written := aws.Writes(); len(written) != n || !written[n-1].Done {
			t.Fatalf("it was killed after write %d, and these were made: %v", n, written)
		}
		leaves(t, 0, joining(aws, everyEndpoint, "apply", "align-new")...)
		same(t, "after a kill and another run", scalingOf(aws, "align-new"), want)
		if again := len(aws.Writes()) - n; again != writes-n {
			t.Errorf("the run after a kill at write %d wrote %d times, want what was left: %d", n, again, writes-n)
		}
	}
}

// killedAfter applies, and kills the process when its n-th write has reached AWS and before it learns of it.
func killedAfter(t *testing.T, aws *awssim.Server, n int) {
	t.Helper()
	apply := heldAfter(t, aws, n, func(r *http.Request) (answered bool) {
		<-r.Context().Done()
		return false
	})
	apply.kill(t)
}

// heldAfter applies, and returns when the n-th write has reached AWS. From then on hold decides how long each request waits,
// and whether it is answered at all.
func heldAfter(t *testing.T, aws *awssim.Server, n int, hold func(*http.Request) (answered bool)) (apply *process) {
	t.Helper()
	reached := make(chan struct{}, 1)
	answers := aws.Handler()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		answers.ServeHTTP(answer, r)
		if len(aws.Writes()) >= n { // a plan is read before anything is written, so this is the answer of the n-th write
			select {
			case reached <- struct{}{}:
			default:
			}
			if !hold(r) {
				return
			}
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // a client that has gone needs no answer
	}))
	t.Cleanup(front.Close)
	apply = launch(t, exec.Command(binary, "--demo", "--demo.aws="+front.URL, everyEndpoint, "apply", "align-new"))
	eventually(t, fmt.Sprintf("at write %d", n), soon, func() error {
		select {
		case <-reached:
			return nil
		default:
			return cmp.Or(apply.alive(), fmt.Errorf("it wrote %v", aws.Writes()))
		}
	})
	return apply
}
