package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// output is the file for the policies of a fleet. It is opened before anything is read, because reading costs money and time,
// and keeps what it holds until it is written.
type output struct {
	name string
	made bool
}

// written is how a file begins that recommend wrote.
const written = "# Written by sagemaker-async-exporter recommend, which replaces this file.\n"

// openOutput makes sure that the file can be written: that it is new, empty, or one that recommend wrote. No name is no file.
func openOutput(name, config string) (output, error) {
	o := output{name: name}
	if name == "" {
		return o, nil
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular() && !info.IsDir(): // /dev/stdout
		return o, nil
	case err == nil && config != "" && same(info, config):
		return o, fmt.Errorf("--output: %s is the file of --config.file, all of which the policies would replace: name another one, and copy the entries that you want", name)
	case err == nil && info.Size() > 0 && !info.IsDir():
		if err := ours(name); err != nil {
			return o, err
		}
	}
	o.made = errors.Is(err, fs.ErrNotExist)
	opened, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644) //nolint:gosec // a configuration file is for whoever reads it
	if err != nil {
		return o, fmt.Errorf("--output: %w", err)
	}
	return o, opened.Close()
}

func same(info fs.FileInfo, other string) bool {
	of, err := os.Stat(other)
	return err == nil && os.SameFile(info, of)
}

// ours is an error for a file that recommend did not write.
func ours(name string) error {
	held, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	defer func() { _ = held.Close() }()
	begin := make([]byte, len(written))
	if n, _ := held.Read(begin); !bytes.Equal(begin[:n], []byte(written)) {
		return fmt.Errorf("--output: %s is there, and recommend did not write it: name another file", name)
	}
	return nil
}

// write replaces the file.
func (o *output) write(policies string) error {
	if o.name == "" {
		return nil
	}
	o.made = false
	if err := os.WriteFile(o.name, []byte(written+policies), 0o644); err != nil { //nolint:gosec // a configuration file is for whoever reads it
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}

// close removes a file that was made and not written.
func (o *output) close() {
	if o.made {
		_ = os.Remove(o.name)
	}
}
