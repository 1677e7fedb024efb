package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/cycle"
)

// demo is the embedded AWS that is observed, with its clock.
type demo struct {
	url   string
	clock cycle.Clock
	close func()
}

// openDemo joins the embedded AWS of another demo if the user names one, and starts one otherwise.
func openDemo(ctx context.Context, o options) (demo, error) {
	if o.demoAWS != "" {
		base, shared, err := awssim.Join(ctx, o.demoAWS)
		if err != nil {
			return demo{}, fmt.Errorf("--demo.aws: %w", err)
		}
		return demo{url: base, clock: cycle.JoinClock(shared), close: func() {}}, nil
	}
	clock := cycle.NewClock(o.demoSpeed)
	embedded, err := awssim.StartDemo(awssim.Options{Clock: clock.Clock})
	if err != nil {
		return demo{}, err
	}
	return demo{url: embedded.URL(), clock: clock, close: func() { _ = embedded.Close() }}, nil
}

// introduce tells somebody who tries the demo where to look.
func introduce(out io.Writer, o options, aws string) {
	scheme, address := "http", listenAddress
	if len(*o.web.WebListenAddresses) > 0 {
		address = (*o.web.WebListenAddresses)[0]
	}
	if *o.web.WebConfigFile != "" {
		scheme = "https" // or http, if the file sets up passwords alone
	}
	if host, port, err := net.SplitHostPort(address); err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
		address = net.JoinHostPort("localhost", port)
	}
	site := scheme + "://" + address
	whose := "simulated inside of this process"
	if o.demoAWS != "" {
		whose = "simulated for another demo, on its clock"
	}
	fmt.Fprintln(out, strings.Join([]string{
		"The demo observes an AWS that is " + whose + "; nothing leaves the machine.",
		"  metrics        " + site + o.telemetryPath,
		"  start page     " + site + "/",
		"  embedded AWS   " + aws + "  (us-east-1; any credentials will do)",
		"                 aws --endpoint-url " + aws + " --region us-east-1 sagemaker list-endpoints",
		"Stop it with Ctrl-C.",
	}, "\n"))
}
