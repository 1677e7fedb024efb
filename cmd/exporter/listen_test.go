package main

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func TestListen_boundsWhatAClientCanHold(t *testing.T) {
	server := withClients.server(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	for name, limit := range map[string]time.Duration{
		"header": server.ReadHeaderTimeout, "request": server.ReadTimeout, "answer": server.WriteTimeout, "idle": server.IdleTimeout,
	} {
		if limit <= 0 || limit > 5*time.Minute {
			t.Errorf("%s: a client may take %s", name, limit)
		}
	}
	if server.MaxHeaderBytes <= 0 || server.MaxHeaderBytes > 1<<20 {
		t.Errorf("a header may have %d bytes", server.MaxHeaderBytes)
	}
}

// Whatever a client does not do, its connection comes to an end.
func TestListen_letsGoOfSlowClients(t *testing.T) {
	const soon = 2 * time.Second       // a loaded machine may take half of it to hear what is said
	big := strings.Repeat("x", 64<<20) // more than the buffers of a connection hold
	answered := make(chan struct{}, 1)
	pages := http.NewServeMux()
	pages.HandleFunc("GET /big", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, big)
		answered <- struct{}{}
	})
	pages.HandleFunc("POST /read", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
		}
	})
	server := patience{header: soon, read: soon, write: 2 * soon, idle: soon, most: 4 << 10}.server(pages, slog.New(slog.DiscardHandler))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	for name, test := range map[string]struct{ says, want string }{
		"says nothing":                {"", ""},
		"does not end its header":     {"GET / HTTP/1.1\r\nHost: x\r\n", ""},
		"does not end its body":       {"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123", "408 Request Timeout"},
		"asks for nothing more":       {"GET /none HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found"},
		"says too much in its header": {"GET /none HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 16<<10) + "\r\n\r\n", "431 Request Header Fields Too Large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := dial(t, listener.Addr().String(), test.says)
			heard, err := io.ReadAll(client)
			if errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(string(heard), test.want) || test.want == "" && len(heard) > 0 && !strings.Contains(string(heard), " 408 ") {
				t.Errorf("heard %.100q, then %v", heard, err)
			}
		})
	}
	t.Run("does not read its answer", func(t *testing.T) {
		t.Parallel()
		client := dial(t, listener.Addr().String(), "GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
		select {
		case <-answered: // the handler is not held by it any more
		case <-time.After(2 * time.Minute):
			t.Fatal("the answer is still being written")
		}
		heard, err := io.Copy(io.Discard, bufio.NewReader(client))
		if errors.Is(err, os.ErrDeadlineExceeded) || heard >= int64(len(big)) {
			t.Errorf("read %d bytes, then %v", heard, err)
		}
	})
}

// dial says something and then waits, at most as long as a loaded machine needs.
func dial(t *testing.T, address, says string) net.Conn {
	t.Helper()
	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	_ = client.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := io.WriteString(client, says); err != nil {
		t.Fatal(err)
	}
	return client
}
