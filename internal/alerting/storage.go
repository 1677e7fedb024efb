package alerting

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
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
