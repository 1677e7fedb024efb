package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/prometheus/common/version"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/cycle"
	pages "github.com/sagemaker-async/exporter/internal/web"
)

// world is the AWS that is observed, with its clock: a real one, or the embedded one of a demo.
type world struct {
	clock cycle.Clock
	aws   awsapi.Options
	close func()
}

// open says where the AWS is. Of a demo it joins the embedded AWS of another one if the user names it, and starts one
// otherwise.
func open(ctx context.Context, o options) (world, error) {
	w := world{clock: cycle.NewClock(1), aws: awsapi.Options{Version: version.Version}, close: func() {}}
	switch {
	case o.transport != nil:
		w.aws.BaseURL, w.aws.Transport = "http://embedded.invalid", o.transport
		return w, nil
	case !o.demo:
		return w, nil
	case o.demoAWS != "":
		base, shared, err := awssim.Join(ctx, o.demoAWS)
		if err != nil {
			return world{}, fmt.Errorf("--demo.aws: %w", err)
		}
		w.clock, w.aws.BaseURL = cycle.JoinClock(shared), base
	default:
		w.clock = cycle.NewClock(o.demoSpeed)
		embedded, err := awssim.StartDemo(awssim.Options{Clock: w.clock.Clock, Days: o.demoDays})
		if err != nil {
			return world{}, err
		}
		w.aws.BaseURL, w.close = embedded.URL(), func() { _ = embedded.Close() }
	}
	w.aws.Speed, w.aws.Start = w.clock.Speed, time.Minute
	return w, nil
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
		"  status         " + site + pages.StatusPath,
		"  plan           " + site + pages.PlanPath,
		"  start page     " + site + "/",
		"  embedded AWS   " + aws + "  (us-east-1; any credentials will do)",
		"                 aws --endpoint-url " + aws + " --region us-east-1 sagemaker list-endpoints",
		"Stop it with Ctrl-C.",
	}, "\n"))
}
