package main

import (
	"fmt"
	"io"
	"net"
	"strings"
)

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
	fmt.Fprintln(out, strings.Join([]string{
		"The demo observes an AWS that is simulated inside of this process; nothing leaves the machine.",
		"  metrics        " + site + o.telemetryPath,
		"  start page     " + site + "/",
		"  embedded AWS   " + aws + "  (us-east-1; any credentials will do)",
		"                 aws --endpoint-url " + aws + " --region us-east-1 sagemaker list-endpoints",
		"Stop it with Ctrl-C.",
	}, "\n"))
}
