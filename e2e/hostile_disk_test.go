//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// inbox takes what is sent to an Alertmanager, and remembers of each alert when it ends.
type inbox struct {
	mu    sync.Mutex
	ends  map[string]time.Time // by name
	times map[string]int
	ended map[string]int // how often it was sent as resolved
}

func startInbox(t *testing.T) (*inbox, *alertmanager) {
	t.Helper()
	p := &inbox{ends: map[string]time.Time{}, times: map[string]int{}, ended: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var alerts []struct {
			Labels map[string]string
			EndsAt time.Time
		}
		if err := json.NewDecoder(r.Body).Decode(&alerts); err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, alert := range alerts {
			name := alert.Labels["alertname"]
			p.ends[name], p.times[name] = alert.EndsAt, p.times[name]+1
			if !alert.EndsAt.After(time.Now()) {
				p.ended[name]++
			}
		}
	}))
	t.Cleanup(server.Close)
	return p, &alertmanager{T: t, url: server.URL}
}

// fires tells whether an alert was sent and has not ended.
func (p *inbox) fires(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ends := p.ends[name]; !ends.After(time.Now()) {
		return fmt.Errorf("%s ended at %s", name, ends)
	}
	return nil
}

func (p *inbox) count(name string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.times[name]
}

// neverEnded makes sure that an alert was not sent as resolved.
func (p *inbox) neverEnded(t *testing.T, name string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended[name] > 0 {
		t.Errorf("it was sent as resolved %d times", p.ended[name])
	}
}

// smallDisk is a file system of a few megabytes.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("this test mounts a file system, which needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all the space there is, and gives it back when what it returns is called.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	name := filepath.Join(dir, "ballast")
	file, err := os.Create(name)
	must(t, err)
	for size := 1 << 20; size > 0; {
		if _, err := file.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	must(t, file.Close())
	return func() { must(t, os.Remove(name)) }
}

const onTheDisk = `groups:
  - name: one
    rules:
      - {alert: Watched, expr: 'max without (instance) (last_over_time(sagemaker_async_up[3s])) == 1'}
`

// With its disk full the command is not ready and then not healthy, sends an alert about itself, and ends none.
func TestAlerting_onADiskThatFillsAndEmpties(t *testing.T) {
	disk, rules := smallDisk(t), filepath.Join(t.TempDir(), "rules.yaml")
	must(t, os.WriteFile(rules, []byte(onTheDisk), 0o600))
	aws := demoAt(t, hurried)
	e := start(t, nil, joining(aws)...)
	p, am := startInbox(t)
	c := startAlerting(t, am, e, "--alerting.storage-path="+filepath.Join(disk, "series"), "--alerting.rules="+rules)
	c.eventually("the alert", soon, func() error { return p.fires("Watched") })
	held := func() error {
		if err := p.fires("Watched"); err != nil {
			return err
		}
		s, err := c.state()
		for _, alert := range s.Alerts {
			if alert.Name() == "Watched" && alert.State == "firing" {
				return err
			}
		}
		return errors.Join(err, errors.New("/alerts does not have it"))
	}
	free := fill(t, disk)
	const self = "SageMakerAsyncAlertingStorageFailing"
	c.eventually("the alert about itself", soon, func() error { return p.fires(self) })
	if _, err := c.get("/-/ready"); err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("ready: %v", err)
	}
	c.eventually("not healthy", soon, func() error {
		must(t, held())
		_, err := c.get("/-/healthy")
		if err == nil {
			return errors.New("it is healthy")
		}
		if !strings.Contains(err.Error(), "no space left on device") {
			t.Errorf("healthy: %v", err)
		}
		return nil
	})
	sent := p.count("Watched")
	c.eventually("sent again and again", soon, func() error {
		must(t, held())
		if p.count("Watched") < sent+20 {
			return errors.New("it is not")
		}
		return nil
	})
	if page, err := c.get("/alerts"); err != nil || !strings.Contains(page, "Series cannot be stored") || strings.HasPrefix(page, "0 alerts firing") {
		t.Errorf("%v\n%s", err, page)
	}
	free()
	c.eventually("well again", soon, func() error {
		must(t, held())
		_, ready := c.get("/-/ready")
		_, healthy := c.get("/-/healthy")
		if err := errors.Join(ready, healthy); err != nil {
			return err
		}
		if p.fires(self) == nil {
			return errors.New("the alert about itself has not ended")
		}
		return nil
	})
	sent = p.count("Watched")
	c.eventually("still the alert", soon, func() error {
		must(t, held())
		if p.count("Watched") < sent+10 {
			return errors.New("it is not sent")
		}
		return nil
	})
}

// Started again with the disk still full, the command works without what it knew, and is not ready and then not healthy, with
// the reason. It resolves nothing, and what is on the disk is there when there is room again.
func TestAlerting_restartedOnAFullDisk(t *testing.T) {
	disk, rules := smallDisk(t), filepath.Join(t.TempDir(), "rules.yaml")
	must(t, os.WriteFile(rules, []byte(onTheDisk), 0o600))
	aws := demoAt(t, hurried)
	e := start(t, nil, joining(aws)...)
	p, am := startInbox(t)
	args := []string{"--alerting.storage-path=" + filepath.Join(disk, "series"), "--alerting.rules=" + rules}
	c := startAlerting(t, am, e, args...)
	c.eventually("the alert", soon, func() error { return p.fires("Watched") })
	free := fill(t, disk)
	const self = "SageMakerAsyncAlertingStorageFailing"
	c.eventually("the alert about itself", soon, func() error { return p.fires(self) })
	c.kill()
	c = beginAlerting(t, am, e, args...)
	sent := p.count("Watched")
	c.eventually("the alert again and again, and not healthy", soon, func() error {
		if _, err := c.get("/-/ready"); err == nil || !strings.Contains(err.Error(), "no space left on device") {
			t.Errorf("ready: %v", err)
		}
		_, healthy := c.get("/-/healthy")
		if p.count("Watched") < sent+20 || healthy == nil {
			return fmt.Errorf("sent %d times, healthy: %t", p.count("Watched")-sent, healthy == nil)
		}
		return errors.Join(p.fires("Watched"), p.fires(self))
	})
	free()
	c.kill()
	c = startAlerting(t, am, e, args...)
	sent = p.count("Watched")
	c.eventually("still the alert, and the end of the one about itself", soon, func() error {
		if p.count("Watched") < sent+10 || p.fires(self) == nil {
			return errors.New("it is not so")
		}
		return p.fires("Watched")
	})
	p.neverEnded(t, "Watched")
}
