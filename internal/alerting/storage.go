package alerting

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/compression"
)

const (
	// retention is a day, which is as far as the bundled rules look back, and a little more, because they look back from
	// the time of their evaluation.
	retention = 25 * time.Hour
	// segment is how much is logged to one file before the next: a log of some thousand series is small.
	segment = 8 << 20
	// stripes are the parts of the index of series in memory. Prometheus has 16,384 of them, for millions of series.
	stripes = 1 << 9
)

// storage is Prometheus' database of series, in its directory.
type storage struct {
	db        *tsdb.DB
	temporary string // the directory to remove at the end; empty: it stays
}

// openOrSpare opens the database at a path. Where the file system of the path has no room, it is one in a temporary
// directory, with the reason: the rules see with it, though what was known before is out of reach. What is at the path is
// left as it is, because Prometheus repairs a log that breaks off by writing it anew.
func openOrSpare(path string, logger *slog.Logger, registry prometheus.Registerer) (s *storage, full, err error) {
	if full = room(path); full == nil {
		s, err = openStorage(path, logger, registry)
		return s, nil, err
	}
	full = fmt.Errorf("--alerting.storage-path: %w", full)
	if s, err = openStorage("", logger, registry); err != nil {
		return nil, nil, errors.Join(full, err)
	}
	return s, full, nil
}

// room is an error if the file system has no room for another log as long as the longest part of the one that is there.
func room(path string) error {
	parts, err := filepath.Glob(filepath.Join(path, "wal", "*"))
	if err != nil || len(parts) == 0 {
		return nil // nothing is there that could be lost
	}
	need := int64(64 << 10)
	for _, part := range parts {
		if info, err := os.Stat(part); err == nil && info.Mode().IsRegular() {
			need = max(need, info.Size())
		}
	}
	probe, err := os.CreateTemp(path, "room-")
	if err != nil {
		return onlyFull(err)
	}
	_, err = io.CopyN(probe, zeros{}, need)
	return onlyFull(errors.Join(err, probe.Close(), os.Remove(probe.Name())))
}

// onlyFull is the error if it is about room: of others the database itself tells.
func onlyFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return err
	}
	return nil
}

// zeros has no end.
type zeros struct{}

func (zeros) Read(to []byte) (int, error) {
	clear(to)
	return len(to), nil
}

// openStorage opens the database at a path, or in a directory that is removed at the end. What the last process has left
// there is read first.
func openStorage(path string, logger *slog.Logger, registry prometheus.Registerer) (*storage, error) {
	s := &storage{}
	if path == "" {
		var err error
		if path, err = os.MkdirTemp("", "sagemaker-async-alerting-"); err != nil {
			return nil, fmt.Errorf("making a temporary directory, which --alerting.storage-path would be instead of: %w", err)
		}
		s.temporary = path
	}
	options := tsdb.DefaultOptions()
	options.RetentionDuration = retention.Milliseconds()
	options.WALSegmentSize = segment
	options.WALCompression = compression.Snappy
	options.StripeSize = stripes
	var err error
	if s.db, err = tsdb.Open(path, logger, registry, options, nil); err != nil {
		return nil, errors.Join(fmt.Errorf("--alerting.storage-path: opening the storage in %s: %w", path, err), s.remove())
	}
	return s, nil
}

func (s *storage) close() error {
	return errors.Join(s.db.Close(), s.remove())
}

func (s *storage) remove() error {
	if s.temporary == "" {
		return nil
	}
	return os.RemoveAll(s.temporary)
}
