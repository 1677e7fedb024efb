// Package file reads the files that flags name: regular files alone, and no more of them than there may be. A pipe that
// nobody writes to, or a device, would be read for ever.
package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrIrregular is the error of a name that leads to a directory, a pipe, a socket or a device.
var ErrIrregular = errors.New("not a regular file")

// Regular is nil if the name leads to a regular file, through symbolic links or not, as those of a ConfigMap do.
func Regular(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	return regular(name, info)
}

// Read reads a regular file of at most so many bytes.
func Read(name string, most int) ([]byte, error) {
	if err := Regular(name); err != nil { // before it is opened: opening a pipe waits
		return nil, err
	}
	opened, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }()
	info, err := opened.Stat()
	if err == nil {
		err = regular(name, info) // it may be another one by now
	}
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(opened, int64(most)+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > most:
		return nil, fmt.Errorf("%s: the file is longer than %d bytes", name, most)
	}
	return data, nil
}

func regular(name string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return fmt.Errorf("%s: %w, but %s", name, ErrIrregular, kind(info.Mode()))
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
