//go:build unix

package file

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestRead_takesRegularFilesAlone(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(at("file"), []byte("text"), 0o600))
	// As Kubernetes mounts a ConfigMap: a link to a file in a directory that is a link.
	must(os.Mkdir(at("..2026"), 0o700))
	must(os.WriteFile(at("..2026/config.yml"), []byte("text"), 0o600))
	must(os.Symlink("..2026", at("..data")))
	must(os.Symlink("..data/config.yml", at("config.yml")))
	must(syscall.Mkfifo(at("pipe"), 0o600))
	must(os.Symlink("pipe", at("link to a pipe")))
	listener, err := net.Listen("unix", at("socket"))
	must(err)
	defer listener.Close()
	for name, want := range map[string]string{
		"file": "", "config.yml": "", "pipe": "but a pipe", "link to a pipe": "but a pipe", "socket": "but a socket", ".": "but a directory",
	} {
		data, err := Read(at(name), 4)
		if want == "" {
			if err != nil || string(data) != "text" || Regular(at(name)) != nil {
				t.Errorf("%s: %q, %v", name, data, err)
			}
			continue
		}
		if !errors.Is(err, ErrIrregular) || !strings.HasSuffix(err.Error(), want) || !errors.Is(Regular(at(name)), ErrIrregular) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(os.DevNull, 4); !errors.Is(err, ErrIrregular) {
		t.Errorf("a device: %v", err)
	}
	if _, err := Read(at("missing"), 4); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Read(at("file"), 3); err == nil || !strings.HasSuffix(err.Error(), "longer than 3 bytes") {
		t.Errorf("a long file: %v", err)
	}
}
