// Linked is a program around the client with everything that makes a linker careful: the client stands in an interface,
// and html/template looks methods up by name. A test looks at which operations of the SDK it contains.
package main

import (
	"context"
	"fmt"
	"html/template"
	"os"

	"github.com/sagemaker-async/exporter/internal/awsapi"
)

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
}
