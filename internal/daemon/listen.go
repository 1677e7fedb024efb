package daemon

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

	"github.com/sagemaker-async/exporter/internal/file"
)

// drain is how long answers under way may take once the command has been told to stop.
const drain = 5 * time.Second

// patience is how long a client may take, and how much it may say first.
type patience struct {
	header time.Duration // until its request has begun in earnest
	read   time.Duration // until its request is whole
	write  time.Duration // until it has taken the answer, too
	idle   time.Duration // between two requests
	most   int           // bytes of a request's header
}

// withClients is more than any scraper needs: Prometheus gives up a scrape after ten seconds if it is not told otherwise.
var withClients = patience{header: 10 * time.Second, read: 30 * time.Second, write: 2 * time.Minute, idle: 2 * time.Minute, most: 64 << 10}

// server bounds what one client can hold: without an end to each of its steps, a connection would be its for ever.
func (p patience) server(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: p.header,
		ReadTimeout:       p.read,
		WriteTimeout:      p.write,
		IdleTimeout:       p.idle,
		MaxHeaderBytes:    p.most,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// Listen serves the pages on every address until the context ends, and then lets answers under way finish. Each address
// has a server of its own: exporter-toolkit wraps the server's handler once for each listener.
func Listen(ctx context.Context, flags *web.FlagConfig, handler http.Handler, logger *slog.Logger) error {
	if name := flags.WebConfigFile; name != nil && *name != "" {
		if err := file.Regular(*name); err != nil { // a pipe would be waited for
			return fmt.Errorf("--web.config.file: %w", err)
		}
	}
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
		server := withClients.server(handler, logger)
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
