package alerting

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/sigv4"
	"go.yaml.in/yaml/v3"
)

// exporterFile is Prometheus' configuration of an HTTP client.
type exporterFile struct {
	HTTP commonconfig.HTTPClientConfig `yaml:",inline"`
}

// alertmanagerFile is the same with what Amazon's managed Alertmanager asks for, as in Prometheus' section alertmanagers.
type alertmanagerFile struct {
	HTTP  commonconfig.HTTPClientConfig `yaml:",inline"`
	SigV4 *sigv4.SigV4Config            `yaml:"sigv4,omitempty"`
}

// client is a file of either kind.
type client interface {
	*exporterFile | *alertmanagerFile
	http() *commonconfig.HTTPClientConfig
	problem() error
}

func (f *exporterFile) http() *commonconfig.HTTPClientConfig { return &f.HTTP }

func (f *exporterFile) problem() error { return f.HTTP.Validate() }

func (f *alertmanagerFile) http() *commonconfig.HTTPClientConfig { return &f.HTTP }

func (f *alertmanagerFile) problem() error {
	if f.SigV4 != nil && (f.HTTP.BasicAuth != nil || f.HTTP.Authorization != nil || f.HTTP.OAuth2 != nil) {
		return errors.New("sigv4 does not go with basic_auth, authorization or oauth2: leave one out")
	}
	return f.HTTP.Validate()
}

// readClient reads a file of an HTTP client strictly over Prometheus' defaults; no file is the defaults. Files that it
// names are looked for in its own directory.
func readClient[C client](flag, file string, to C) error {
	*to.http() = commonconfig.DefaultHTTPClientConfig
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(to); err != nil && !errors.Is(err, io.EOF) {
		return located(file, err)
	}
	if err := to.problem(); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	to.http().SetDirectory(filepath.Dir(file))
	if _, err := commonconfig.NewClientFromConfig(*to.http(), "check"); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

var (
	// place is how the libraries say where something is wrong: by line and column, or by line.
	place = regexp.MustCompile(`^(?:(\d+:\d+)(?:: \d+:\d+)?|(?:yaml: )?line (\d+)): (?s:(.*))$`)
	// ofGo is how they speak of Go's types.
	ofGo = regexp.MustCompile(` (in|into) (type )?[\w*.\[\]]+$`)
)

// located says where in a file something is wrong, one line for each: FILE:LINE: what.
func located(file string, err error) error {
	texts := []string{err.Error()}
	if several := (*yaml.TypeError)(nil); errors.As(err, &several) {
		texts = several.Errors
	}
	lines := make([]error, len(texts))
	for i, text := range texts {
		text = ofGo.ReplaceAllString(text, "")
		if found := place.FindStringSubmatch(text); found != nil {
			text = found[1] + found[2] + ": " + found[3]
			lines[i] = errors.New(file + ":" + text)
			continue
		}
		lines[i] = errors.New(file + ": " + strings.TrimPrefix(text, "yaml: "))
	}
	return errors.Join(lines...)
}
