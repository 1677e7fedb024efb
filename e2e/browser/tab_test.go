package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a page that is open, with what the browser has said and asked for since.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	said     []string // errors and warnings
	requests []string // addresses
}

// look is how a page is looked at.
type look struct {
	width  int64
	dark   bool
	noCode bool // JavaScript is switched off
}

// open opens a tab without a page.
func open(t *testing.T, how look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	s := &tab{T: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as this context
		t.Fatal(err)
	}
	var stop context.CancelFunc
	s.ctx, stop = context.WithTimeout(ctx, patience)
	t.Cleanup(stop)
	if err := chromedp.Listen(s.ctx, s.hear); err != nil {
		t.Fatal(err)
	}
	scheme := "light"
	if how.dark {
		scheme = "dark"
	}
	call(s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	call(s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: how.noCode})
	s.do(chromedp.EmulateViewport(how.width, 900))
	return s
}

// show opens a page of the demo in a tab of its own, and makes sure at the end that it was quiet and kept to the demo.
func show(t *testing.T, path string, how look) *tab {
	t.Helper()
	s := open(t, how)
	t.Cleanup(func() {
		for _, trouble := range s.trouble(site) {
			t.Error(trouble)
		}
	})
	s.do(chromedp.Navigate(site + path))
	return s
}

func (s *tab) hear(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch event := event.(type) {
	case *runtime.EventExceptionThrown:
		s.said = append(s.said, "an exception: "+event.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		s.said = append(s.said, "the console: "+string(event.Type))
	case *log.EventEntryAdded:
		s.said = append(s.said, fmt.Sprintf("the log, %s: %s", event.Entry.Level, event.Entry.Text))
	case *network.EventRequestWillBeSent:
		s.requests = append(s.requests, event.Request.URL)
	}
}

// trouble is what the browser had to complain of, and what was asked of others than the site.
func (s *tab) trouble(site string) (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found = slices.Clone(s.said)
	for _, address := range s.requests {
		if !strings.HasPrefix(address, site+"/") {
			found = append(found, "it asks for "+address)
		}
	}
	if len(s.requests) == 0 {
		found = append(found, "no request was seen")
	}
	return found
}

func (s *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	s.Helper()
	if err := chromedp.Do(s.ctx, actions...); err != nil {
		s.Fatal(err)
	}
}

// follow does what leads to another page, and waits for that.
func (s *tab) follow(actions ...chromedp.Action[chromedp.Void]) {
	s.Helper()
	answer, err := chromedp.RunResponse(s.ctx, actions...)
	if err != nil {
		s.Fatal(err)
	}
	if answer.Status != 200 {
		s.Fatalf("%s answers %d", answer.URL, answer.Status)
	}
}

func get[R any](s *tab, action chromedp.Action[R]) R {
	s.Helper()
	result, err := chromedp.Run(s.ctx, action)
	if err != nil {
		s.Fatal(err)
	}
	return result
}

func call[P, R any](s *tab, command cdp.Command[P, R], params P) R {
	s.Helper()
	result, err := chromedp.Call(s.ctx, command, params)
	if err != nil {
		s.Fatal(err)
	}
	return result
}

// ask evaluates an expression in the page.
func ask[R any](s *tab, expression string) R {
	s.Helper()
	return get(s, chromedp.Evaluate[R](expression))
}

// texts are the texts of the elements that a selector finds.
func (s *tab) texts(selector string) []string {
	s.Helper()
	return ask[[]string](s, fmt.Sprintf("[...document.querySelectorAll(%q)].map(e => e.textContent.trim())", selector))
}

// heard is something that a screen reader tells of.
type heard struct{ role, name string }

// read is the page as a screen reader is told of it, in its order.
func (s *tab) read() (all []heard) {
	s.Helper()
	tree := call(s, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	text := func(v *accessibility.Value) (words string) {
		if v != nil {
			_ = json.Unmarshal(v.Value, &words) // what is no text is not looked at
		}
		return words
	}
	for _, node := range tree.Nodes {
		if !node.Ignored {
			all = append(all, heard{text(node.Role), text(node.Name)})
		}
	}
	return all
}
