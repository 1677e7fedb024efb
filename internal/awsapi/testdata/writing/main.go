// Writing is a program around the client and its writer, both in interfaces. A test looks at which operations of the SDK it
// contains.
package main

import (
	"context"
	"fmt"
	"html/template"
	"os"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/plan"
)

type writer interface {
	Write(ctx context.Context, step plan.Step) (arn string, err error)
}

func main() {
	client, err := awsapi.Connect(context.Background(), awsapi.Access{}, awsapi.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	page := template.Must(template.New("").Parse("{{.Region}}"))
	if err := page.Execute(os.Stdout, client); err != nil {
		os.Exit(1)
	}
	var w writer = awsapi.WriterOf(client)
	if _, err := w.Write(context.Background(), plan.Step{}); err != nil {
		os.Exit(1)
	}
}
