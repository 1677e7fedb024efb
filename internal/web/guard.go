package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/prometheus/exporter-toolkit/web"
)

// policyOf lets a page load a style, send its own form, and nothing else. Names, tags and the messages
// of AWS stand on the pages, and none of them is trusted.
func policyOf(style string) string {
	return "default-src 'none'; style-src " + style + "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// guarded tells browsers and what stands between, with every answer, errors too, how little they may do with it. A page may
// say otherwise for itself.
func guarded(pages http.Handler) http.Handler {
	policy := policyOf("'self'")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer") // the address may hold a name that somebody looks for
		header.Set("Cache-Control", "no-store")      // what is shown grows old by the second
		pages.ServeHTTP(w, r)
	})
}

var inlineStyle = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

// landingPage is exporter-toolkit's, which carries its style within: the policy allows that one style by its hash.
func landingPage(c web.LandingConfig) (http.Handler, error) {
	made, err := web.NewLandingPage(c)
	if err != nil {
		return nil, fmt.Errorf("making the landing page: %w", err)
	}
	page := &kept{header: http.Header{}}
	request, err := http.NewRequest(http.MethodGet, "/", http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("making the landing page: %w", err)
	}
	made.ServeHTTP(page, request)
	styles := inlineStyle.FindAllSubmatch(page.Bytes(), -1)
	if len(styles) != 1 {
		return nil, errors.New("making the landing page: it has not one style")
	}
	sum := sha256.Sum256(styles[0][1])
	policy := policyOf("'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		send(w, http.StatusOK, page.header.Get("Content-Type"), page.Bytes())
	}), nil
}

// kept is an answer that goes nowhere.
type kept struct {
	header http.Header
	bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(int) {}
