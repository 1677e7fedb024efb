package main

import (
	"fmt"
	"io"

	"github.com/sagemaker-async/exporter/internal/config"
)

// checkConfig reads a config file strictly and says in short what it asks for.
func checkConfig(o options, out io.Writer) error {
	cfg, err := config.Load(o.checkFile)
	if err != nil {
		return err
	}
	polling := cfg.Polling
	_, err = fmt.Fprintf(out, "%s: good: %d scope(s); queue every %s, instances every %s, scaling every %s, shown for %s at most\n",
		o.checkFile, len(cfg.Scopes), polling.Queue, polling.Instances, polling.Scaling, polling.MaxStaleness)
	return err
}
