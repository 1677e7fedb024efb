package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// progress tells somebody who waits how far something is: on a terminal in one line that it takes away at the end, else in
// the log, each tenth.
type progress struct {
	what     string    // is counted, for example a replay
	terminal io.Writer // nil when there is none
	log      log.Logger
	now      func() time.Time

	lock      sync.Mutex
	began     time.Time
	ready, of int
}

func newProgress(what string, stderr io.Writer, logger log.Logger) *progress {
	p := &progress{what: what, log: logger, now: time.Now}
	if screen, ok := screenOf(stderr).(*terminal.Screen); ok {
		p.terminal = screen.Out
	}
	return p
}

// begin begins to count up to a number.
func (p *progress) begin(of int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.ready, p.of, p.began = 0, of, p.now()
}

// done counts one.
func (p *progress) done() {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.ready++
	switch tenth := (p.of + 9) / 10; {
	case p.terminal != nil:
		fmt.Fprintf(p.terminal, "\r\x1b[K%d of %s%s", p.ready, fleet.Plural(p.of, p.what), p.left())
	case tenth > 0 && p.ready%tenth == 0:
		_ = level.Debug(p.log).Log("msg", "waiting for "+p.what+"s", "done", p.ready, "of", p.of)
	}
}

// leastWait is how long something has to last before the time left is told: that of the first ones is no measure.
const leastWait = 3 * time.Second

// left is the time that the rest takes at the pace of what is done, in words.
func (p *progress) left() string {
	took := p.now().Sub(p.began)
	if took < leastWait || p.ready >= p.of {
		return ""
	}
	return ", about " + fleet.Lapse(time.Duration(float64(took)/float64(p.ready)*float64(p.of-p.ready))) + " left"
}

// end takes the line away.
func (p *progress) end() {
	if p.terminal != nil {
		fmt.Fprint(p.terminal, "\r\x1b[K")
	}
}
