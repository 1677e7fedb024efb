package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/sync/errgroup"
)

// drain is how long answers under way may take once the exporter has been told to stop.
const drain = 5 * time.Second

// listen serves the pages on every address until the context ends, and then lets answers under way finish. Each address
// has a server of its own: exporter-toolkit wraps the server's handler once for each listener.
func listen(ctx context.Context, flags *web.FlagConfig, handler http.Handler, logger *slog.Logger) error {
	each := []*web.FlagConfig{flags} // sockets of systemd come all at once
	if flags.WebSystemdSocket == nil || !*flags.WebSystemdSocket {
		each = nil
		for _, address := range *flags.WebListenAddresses {
			one := *flags
			one.WebListenAddresses = &[]string{address}
			each = append(each, &one)
		}
	}
	var servers errgroup.Group
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, one := range each {
		server := &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: 10 * time.Second,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    64 << 10,
			ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		}
		servers.Go(func() error {
			<-ctx.Done()
			late, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
			defer cancel()
			if server.Shutdown(late) != nil {
				return server.Close()
			}
			return nil
		})
		servers.Go(func() error {
			defer stop() // one address that cannot be served ends them all
			err := web.ListenAndServe(server, one, logger)
			if errors.Is(err, http.ErrServerClosed) {
				return nil
			}
			return fmt.Errorf("serving on %s: %w", strings.Join(*one.WebListenAddresses, ", "), err)
		})
	}
	return servers.Wait()
}
