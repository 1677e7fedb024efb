package snapshot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Version is the version of the format. It changes when a file of before can no longer be read.
const Version = 1

// file is the whole file.
type file struct {
	Version  int
	Redacted bool // account, names and tags are not the real ones
	Scopes   []fleet.Snapshot
}

// File is what a snapshot file holds.
type File struct {
	Redacted bool             // account, names and tags are not the real ones
	Scopes   []fleet.Snapshot // one for each account and region
}

// Write writes the file. The same snapshots are the same bytes.
func (f File) Write(out io.Writer) error {
	tree, err := encode(reflect.ValueOf(file{Version, f.Redacted, f.Scopes}))
	if err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	var text bytes.Buffer
	err = render(&text, tree, "")
	if err == nil {
		text.WriteByte('\n')
		_, err = text.WriteTo(out)
	}
	if err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	return nil
}

// Read reads a file strictly: another version, a key that is not known, and a value that is none of its kind are errors
// that name the place.
func Read(data []byte) (File, error) {
	tree, err := parse(data)
	if err != nil {
		return File{}, err
	}
	if err := checkVersion(tree); err != nil {
		return File{}, err
	}
	var read file
	if err := decode("", tree, reflect.ValueOf(&read).Elem()); err != nil {
		return File{}, err
	}
	if len(read.Scopes) == 0 {
		return File{}, fmt.Errorf("scopes: there is none")
	}
	for i := range read.Scopes {
		if err := consistent(fmt.Sprintf("scopes[%d]", i), &read.Scopes[i]); err != nil {
			return File{}, err
		}
		read.Scopes[i].Rejoin()
	}
	return File{Redacted: read.Redacted, Scopes: read.Scopes}, nil
}

// checkVersion is done first: of another version no key is known.
func checkVersion(tree any) error {
	object, ok := tree.(map[string]any)
	if !ok {
		return fmt.Errorf("the file is not a JSON object")
	}
	number, ok := object["version"].(json.Number)
	switch {
	case !ok:
		return fmt.Errorf("version: it is missing, or not a number: this is not a snapshot file")
	case number.String() != fmt.Sprint(Version):
		return fmt.Errorf("version: %s is not known: this program reads version %d", number, Version)
	}
	return nil
}
