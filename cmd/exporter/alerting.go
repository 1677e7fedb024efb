package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/common/config"
	"github.com/prometheus/common/version"

	"github.com/sagemaker-async/exporter/internal/file"
	"github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/plan"
	pages "github.com/sagemaker-async/exporter/internal/web"
)

// The alerting command, and where it listens when nobody says otherwise.
const (
	alertingProgram = "sagemaker-async-alerting"
	alertingURL     = "http://127.0.0.1:10120"
)

const (
	// askingTakes bounds a question to the alerting command.
	askingTakes = 2 * time.Second
	// askedAgain is how old an answer may be that is shown again: people reload a page, and several look at it.
	askedAgain = 5 * time.Second
	// longestClient is how many bytes the configuration of the HTTP client may have.
	longestClient = 64 << 10
)

// alertingOptions are the flags that say where the alerting command is.
type alertingOptions struct {
	url        string
	configFile string
}

// problem is what is wrong with them.
func (o alertingOptions) problem() error {
	if o.url == "" {
		return nil
	}
	at, err := url.Parse(o.url)
	switch {
	case err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.RawQuery != "" || at.Fragment != "":
		return fmt.Errorf("--alerting.url: this is no address of %s: write for example %s", alertingProgram, alertingURL)
	case at.User != nil:
		return errors.New("--alerting.url: a password in an address is shown to everybody: write basic_auth into the file of --alerting.config.file")
	}
	return nil
}

// alerting asks the alerting command.
type alerting struct {
	client  *http.Client
	address string // where its state is
}

// newAlerting reads the configuration of the client, if there is one.
func newAlerting(o alertingOptions) (*alerting, error) {
	settings := config.DefaultHTTPClientConfig
	if o.configFile != "" {
		text, err := file.Read(o.configFile, longestClient) // a pipe would be waited for
		if err != nil {
			return nil, fmt.Errorf("--alerting.config.file: reading %s: %w", o.configFile, err)
		}
		loaded, err := config.LoadHTTPConfig(string(text))
		if err != nil {
			return nil, fmt.Errorf("--alerting.config.file: reading %s: %s", o.configFile, strings.Join(strings.Fields(err.Error()), " ")) // YAML's has several lines
		}
		loaded.SetDirectory(filepath.Dir(o.configFile))
		settings = *loaded
	}
	client, err := config.NewClientFromConfig(settings, "alerting", config.WithUserAgent(program+"/"+version.Version))
	if err != nil {
		return nil, fmt.Errorf("--alerting.config.file: %w", err)
	}
	return &alerting{client, strings.TrimSuffix(o.url, "/") + paging.StatePath + "?format=json"}, nil
}

// State is what the alerting command knows now. It takes two seconds at most.
func (a *alerting) State(ctx context.Context) (paging.State, error) {
	ctx, cancel := context.WithTimeout(ctx, askingTakes)
	defer cancel()
	page, err := a.ask(ctx)
	if err != nil {
		return paging.State{}, err
	}
	state, err := paging.ReadState(page)
	if err != nil {
		return paging.State{}, fmt.Errorf("what answers at %s is not %s: %s", a.address, alertingProgram, plan.Printable(err.Error()))
	}
	return state, nil
}

func (a *alerting) ask(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.address, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", alertingProgram, err)
	}
	response, err := a.client.Do(request)
	if err != nil {
		return nil, a.unreached(err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, fmt.Errorf("%s answers %s: say who asks in the file of --alerting.config.file", a.address, plan.Printable(response.Status))
	default:
		return nil, fmt.Errorf("%s answers %s: --alerting.url has to be the address of %s", a.address, plan.Printable(response.Status), alertingProgram)
	}
	page, err := io.ReadAll(io.LimitReader(response.Body, paging.LongestState+1))
	switch {
	case err != nil:
		return nil, a.unreached(err)
	case len(page) > paging.LongestState:
		return nil, fmt.Errorf("%s answers more than %d MiB", a.address, paging.LongestState>>20)
	}
	return page, nil
}

// unreached says why there is no answer, and what to do where that is known.
func (a *alerting) unreached(err error) error {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("nothing listens at %s: start %s, or say by --alerting.url where it is", a.address, alertingProgram)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s has not answered within %s", a.address, askingTakes)
	}
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // the address stands before it already
	}
	return fmt.Errorf("asking %s: %w", a.address, err)
}

// shownAlerting is what the status asks, nil where no address is given.
func shownAlerting(o alertingOptions) (pages.Alerting, error) {
	switch {
	case o.url == "" && o.configFile != "":
		return nil, errors.New("--alerting.config.file goes with --alerting.url: without it nobody is asked")
	case o.url == "":
		return nil, nil
	}
	asked, err := newAlerting(o)
	if err != nil {
		return nil, err
	}
	return newLately(asked.State), nil
}

// lately is an answer that is shown for a while, so that looking at a page often asks nobody often. Who comes while it is
// asked for waits for that answer, as long as he likes.
type lately struct {
	ask   func(context.Context) (paging.State, error)
	turn  chan struct{} // holds the one turn to look at what is below
	asked time.Time     // zero: never
	state paging.State
	err   error
}

func newLately(ask func(context.Context) (paging.State, error)) *lately {
	l := &lately{ask: ask, turn: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// State is the newest answer, five seconds old at most.
func (l *lately) State(ctx context.Context) (paging.State, error) {
	select {
	case <-l.turn:
	case <-ctx.Done():
		return paging.State{}, fmt.Errorf("waiting for %s: %w", alertingProgram, ctx.Err())
	}
	defer func() { l.turn <- struct{}{} }()
	if l.asked.IsZero() || time.Since(l.asked) >= askedAgain {
		l.asked = time.Now()
		l.state, l.err = l.ask(context.WithoutCancel(ctx)) // others get the answer too, when the first has gone away
	}
	return l.state, l.err
}
