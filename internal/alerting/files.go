package alerting

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/sigv4"
	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/file"
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
func readClient[C client](flag, name string, to C) error {
	*to.http() = commonconfig.DefaultHTTPClientConfig
	if name == "" {
		return nil
	}
	text, err := file.Read(name, longestFile)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	if err := withinBounds(name, text); err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(to); err != nil && !errors.Is(err, io.EOF) {
		return located(name, err)
	}
	if err := to.problem(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	to.http().SetDirectory(filepath.Dir(name))
	if err := namedFiles(reflect.ValueOf(to)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := commonconfig.NewClientFromConfig(*to.http(), "check"); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// namedFiles is nil if each file that is named in a configuration - a password, a token, a certificate - is a regular
// one: Prometheus reads some of them before each request. One that is missing is left to Prometheus, which says so.
func namedFiles(value reflect.Value) error {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			return namedFiles(value.Elem())
		}
	case reflect.Slice:
		for i := range value.Len() {
			if err := namedFiles(value.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, key := range value.MapKeys() {
			if err := namedFiles(value.MapIndex(key)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range value.NumField() {
			field, of := value.Type().Field(i), value.Field(i)
			if !field.IsExported() {
				continue
			}
			for _, name := range filesOf(field.Name, of) {
				if err := file.Regular(name); errors.Is(err, file.ErrIrregular) {
					return err
				}
			}
			if err := namedFiles(of); err != nil {
				return err
			}
		}
	}
	return nil
}

// filesOf are the files that a field names; Prometheus ends the names of such fields so.
func filesOf(name string, value reflect.Value) (names []string) {
	switch {
	case strings.HasSuffix(name, "File") && value.Kind() == reflect.String && value.String() != "":
		names = append(names, value.String())
	case name == "Files" && value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.String:
		for i := range value.Len() {
			names = append(names, value.Index(i).String())
		}
	}
	return names
}

// withinBounds is nil if a file is one YAML document in UTF-8 that is decoded in a moment. What is no YAML is left to who
// decodes it; who does leaves out what a second document says.
func withinBounds(name string, text []byte) error {
	if !utf8.Valid(text) {
		return fmt.Errorf("%s: it is not UTF-8: save the file as UTF-8", name)
	}
	if excess := file.Tags(text); excess != nil {
		return fmt.Errorf("%s:%d: %s", name, excess.Line, excess.What)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	if decoder.Decode(&document) != nil {
		return nil
	}
	if excess := fileBounds.Check(&document); excess != nil {
		return fmt.Errorf("%s:%d: %s", name, excess.Line, excess.What)
	}
	if decoder.Decode(&second) == nil {
		return fmt.Errorf("%s:%d: a second document begins: write one document", name, second.Line)
	}
	return nil
}

// fileBounds are the bounds of the files. The bundled rules have 2,400 values; the longest text is an expression.
var fileBounds = file.Bounds{Values: 100_000, Depth: 50, Keys: 1_000, Entries: 5_000, Text: 16 << 10}

const (
	// longestFile is in bytes. The bundled rules have a fortieth of it.
	longestFile = 2 << 20
	// mostErrors is how many errors of a file are said.
	mostErrors = 20
)

// first joins the first errors of a file, and says how many more there are.
func first(name string, found []error) error {
	if more := len(found) - mostErrors; more > 0 {
		found = append(found[:mostErrors:mostErrors], fmt.Errorf("%s: and %d more", name, more))
	}
	return errors.Join(found...)
}

var (
	// place is how the libraries say where something is wrong: by line and column, or by line.
	place = regexp.MustCompile(`^(?:(\d+:\d+)(?:: \d+:\d+)?|(?:yaml: )?line (\d+)): (?s:(.*))$`)
	// ofGo is how they speak of Go's types.
	ofGo = regexp.MustCompile(` (in|into) (type )?[\w*.\[\]]+$`)
)

// located says where in a file something is wrong, one line for each: FILE:LINE: what.
func located(name string, err error) error {
	texts := []string{err.Error()}
	if several := (*yaml.TypeError)(nil); errors.As(err, &several) {
		texts = several.Errors
	}
	lines := make([]error, len(texts))
	for i, text := range texts {
		text = ofGo.ReplaceAllString(text, "")
		if found := place.FindStringSubmatch(text); found != nil {
			text = found[1] + found[2] + ": " + found[3]
			lines[i] = errors.New(name + ":" + text)
			continue
		}
		lines[i] = errors.New(name + ": " + strings.TrimPrefix(text, "yaml: "))
	}
	return first(name, lines)
}
