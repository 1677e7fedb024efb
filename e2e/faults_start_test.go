//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// gate is an address at which an AWS can be reached, or nothing.
type gate struct {
	testing.TB
	address string
	handler http.Handler
	server  *http.Server
}

func newGate(t testing.TB, handler http.Handler) *gate {
	t.Helper()
	g := &gate{TB: t, address: "127.0.0.1:0", handler: handler}
	g.open()
	t.Cleanup(g.shut)
	return g
}

func (g *gate) open() {
	g.Helper()
	var listener net.Listener
	eventually(g.TB, "free again", soon, func() (err error) {
		listener, err = net.Listen("tcp", g.address)
		return err
	})
	g.address = listener.Addr().String()
	g.server = &http.Server{Handler: g.handler, ReadHeaderTimeout: time.Minute}
	go func(server *http.Server) { _ = server.Serve(listener) }(g.server) // until it is shut
}

// shut refuses connections, and ends those that there are.
func (g *gate) shut() { _ = g.server.Close() }

func (g *gate) url() string { return "http://" + g.address }

// refusals shuts one service after the other, on the machine's clock: the demo's has one address for all of AWS. It
// returns what was seen, by service.
func refusals(t *testing.T) map[string]seen {
	at := time.Now()
	world := sim.New(fleet.Scope{AccountID: "111122223333", Region: region}, at.Add(-time.Hour), 1)
	b := &faultBench{T: t, name: refused}
	must(t, world.AddEndpoint(busyEndpoint()))
	for i := range 3 {
		b.members = append(b.members, member{role: plain, name: fmt.Sprintf("%s-%02d", plain, i), variants: []string{"AllTraffic"}})
	}
	settle(t, world, b.members)
	world.Advance(at)
	aws, err := awssim.Start(awssim.Options{}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	b.aws = aws
	variables := map[string]string{
		"SageMaker": "SAGEMAKER", "ApplicationAutoScaling": "APPLICATION_AUTO_SCALING", "CloudWatch": "CLOUDWATCH",
	}
	gates, env := map[string]*gate{}, aws.Env()
	for service, variable := range variables {
		gates[service] = newGate(t, aws.Handler())
		env = append(env, "AWS_ENDPOINT_URL_"+variable+"="+gates[service].url())
	}
	file := filepath.Join(t.TempDir(), "config.yml")
	must(t, os.WriteFile(file, []byte("discovery: {tagLabels: [team]}\npolling: {queue: 10s, metrics: 1m, instances: 10s, scaling: 10s, tags: 10s, maxStaleness: 10m}\n"), 0o600))
	b.e = start(t, env, "--config.file="+file, "--reconcile", "--reconcile.endpoints=plain-.*")
	up := func() error {
		if down := b.down(); len(down) > 0 || value(b.page, "sagemaker_async_up{") != 1 {
			return fmt.Errorf("down: %v", down)
		}
		return nil
	}
	found := map[string]seen{}
	for service, down := range map[string][]string{
		"SageMaker": {"endpoints", "tags"}, "ApplicationAutoScaling": {"activities", "scaling"}, "CloudWatch": {"alarms", "metrics"},
	} {
		b.until("up", up)
		logged, writes := len(b.e.log.String()), len(aws.Writes())
		gates[service].shut()
		b.until("without "+service, func() error {
			if got := b.down(); !slices.Equal(got, down) {
				return fmt.Errorf("down: %v", got)
			}
			return nil
		})
		whole, before := b.strike(deedBeside(down[0])), successes(b.page)
		b.until("fresh without "+service, func() error {
			for source, at := range successes(b.page) {
				if interval := 10.0; source != "metrics" && !slices.Contains(down, source) && at < before[source]+3*interval {
					return fmt.Errorf("%s has not been asked often enough", source)
				}
			}
			return nil
		})
		if sent := aws.Writes()[writes:]; len(sent) > 0 {
			t.Errorf("written without %s: %v", service, sent)
		}
		gates[service].open()
		b.until("up again", up)
		b.until("written", whole)
		says := saidOf(b.e.log.String()[logged:])
		if i := strings.Index(says, "cannot reach "); i > 0 {
			says = says[i:] // which of them was asked first differs, and how many
		} else {
			_, says, _ = strings.Cut(says, ": ")
		}
		found[service] = seen{
			"`" + strings.Join(down, "` and `") + "` are down, for all of the service is unreachable; nothing is written", says,
		}
	}
	return found
}

// connectBench adds a second region to an exporter of one, while an operation goes wrong there by which it is reached.
type connectBench struct {
	*faultBench
	there *awssim.Server
	sts   *gate
	file  string
}

func newConnectBench(t *testing.T, operation awsapi.Operation) *connectBench {
	t.Helper()
	world := func(region string) *awssim.Server {
		at := time.Now()
		w := sim.New(fleet.Scope{AccountID: "111122223333", Region: region}, at.Add(-time.Hour), 1)
		must(t, w.AddEndpoint(busyEndpoint()))
		w.Advance(at)
		aws, err := awssim.Start(awssim.Options{}, w)
		must(t, err)
		t.Cleanup(func() { _ = aws.Close() })
		return aws
	}
	here, there := world(region), world(otherRegion)
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), "/"+otherRegion+"/") {
			there.Handler().ServeHTTP(w, r)
			return
		}
		here.Handler().ServeHTTP(w, r)
	})
	b := &connectBench{
		faultBench: &faultBench{T: t, operation: operation, name: nameOf(operation), faulty: faulties[nameOf(operation)], aws: here},
		there:      there, sts: newGate(t, front), file: filepath.Join(t.TempDir(), "config.yml"),
	}
	b.scopes(false)
	b.e = start(t, append(here.Env(), "AWS_ENDPOINT_URL="+newGate(t, front).url(), "AWS_ENDPOINT_URL_STS="+b.sts.url()),
		"--config.file="+b.file, "--poll.interval=10s")
	return b
}

// scopes writes the configuration with one region or both.
func (b *connectBench) scopes(both bool) {
	b.Helper()
	text := "scopes:\n  - region: " + region + "\n"
	if both {
		text += "  - region: " + otherRegion + "\n"
		if b.operation.Name == "AssumeRole" {
			text += "    roleARN: arn:aws:iam::111122223333:role/exporter\n"
		}
	}
	must(b.T, os.WriteFile(b.file, []byte(text), 0o600))
}

func (b *connectBench) reload(both bool) {
	b.Helper()
	b.scopes(both)
	answer, err := client.Post(b.e.url+"/-/reload", "", nil)
	must(b.T, err)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		b.Fatalf("reloading: %s", answer.Status)
	}
}

// is tells what up is in a region: 0, 1, or -1 where there is none.
func (b *connectBench) is(region string) float64 {
	for line := range strings.Lines(family(b.page, "sagemaker_async_up")) {
		if label(line, "region") == region {
			return value(line, "sagemaker_async_")
		}
	}
	return -1
}

func (b *connectBench) becomes(want float64, what string) {
	b.Helper()
	b.until(what, func() error {
		if here := b.is(region); here == 0 {
			return errors.New("the other region is down")
		}
		if got := b.is(otherRegion); got != want {
			return fmt.Errorf("up is %v, want %v", got, want)
		}
		return nil
	})
}

// try adds the region while the operation goes wrong there.
func (b *connectBench) try(w way) seen {
	b.Helper()
	b.there.ResetCalls()
	began, logged := time.Now(), len(b.e.log.String())
	if w.name == refused {
		b.sts.shut()
	} else {
		b.there.SetFault(b.name, w.fault)
	}
	b.reload(true)
	found := seen{what: "nothing: it is asked again at once"}
	if !w.passes {
		b.becomes(0, "down by "+w.name)
		b.until("down in all sources by "+w.name, func() error {
			if down := downOn(b.page); len(down) < 5 {
				return fmt.Errorf("down: %v", down)
			}
			return nil
		})
		found.what = "all sources of the region are down, and it has no other series; other regions are shown"
	}
	if w.name == refused {
		b.sts.open()
	} else if !w.passes {
		b.there.SetFault(b.name, awssim.Fault{})
	}
	b.becomes(1, "up after "+w.name)
	if b.there.HasFault(b.name) {
		b.Errorf("%s: nothing went wrong", w.name)
	}
	found.says = saidOf(b.e.log.String()[logged:])
	if w.passes != (found.says == "") {
		b.Errorf("%s: the log says %q", w.name, found.says)
	}
	if calls, most := b.there.Calls()[b.name], b.operation.Most(time.Since(began)); calls > most {
		b.Errorf("%s: %d requests, at most %d are allowed", w.name, calls, most)
	}
	b.reload(false)
	b.becomes(-1, "gone after "+w.name)
	return found
}
