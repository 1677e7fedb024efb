package daemon

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// OnHangup does something at each SIGHUP until the context ends.
func OnHangup(ctx context.Context, do func()) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			do()
		}
	}
}
