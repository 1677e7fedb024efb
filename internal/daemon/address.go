package daemon

import (
	"fmt"
	"net/url"
)

// LinkURL reads the URL below which people find pages; an error says what would be right.
func LinkURL(flag, text string) (*url.URL, error) {
	return BaseURL(flag, "https://grafana.example.org", "leave it out", text)
}

// BaseURL reads the URL of somebody who answers below it; an error says what would be right. Passwords are refused, and instead is
// what else to do: a URL is shown on pages and in logs.
func BaseURL(flag, example, instead, text string) (*url.URL, error) {
	at, err := url.Parse(text)
	switch {
	case err != nil: // what was parsed may have a password in it
		return nil, fmt.Errorf("%s: that is not a URL: write for example %s", flag, example)
	case at.User != nil:
		return nil, fmt.Errorf("%s: a password in a URL would be shown: %s", flag, instead)
	case at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "":
		return nil, fmt.Errorf("%s: %q is not a URL with http or https: write for example %s", flag, text, example)
	case at.RawQuery != "" || at.Fragment != "":
		return nil, fmt.Errorf("%s: %q has more than a path: write for example %s", flag, text, example)
	}
	return at, nil
}
