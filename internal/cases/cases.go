// Package cases holds shapes of scaling in real accounts, each as a snapshot file, with the right verdict beside it. Tests
// alone import it: behaviour, checks, plan and explain are held to the one table.
package cases

import (
	"embed"
	"fmt"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/snapshot"
)

//go:embed *.json
var files embed.FS

// Case is one shape with its verdict.
type Case struct {
	Name     string // of the file, without .json: the number of the case and what it shows
	Snapshot fleet.Snapshot
	Verdict
}

// Verdict is what is right of a shape. The checks are those of a variant that no policy selects; the plan is that of
// --reconcile.endpoints.
type Verdict struct {
	// Variant is the one that the verdict is about; empty is the only one.
	Variant string
	// Failed are the checks that fail, as name: severity. Of alternatives, one|other, one fails. No other check fails above info,
	// but for those of May.
	Failed map[string]string
	// May are checks that may fail too, no worse than named here.
	May map[string]string
	// Never are checks that must not fail at all, not even as info.
	Never []string
	// Steps are the steps of the plan in the order of application: "create wake_policy NAME", "update wake_alarm NAME". A name
	// that is left out is any.
	Steps []string
	// Withheld are what the plan withholds, sorted: "tracking_policy scaled_otherwise". A kind of * is any.
	Withheld []string
	// MayHold are reasons for which more may be withheld.
	MayHold []string
}

// Endpoint is the one endpoint of every case.
const Endpoint = "asr"

// Of is the endpoint and the variant that the case is about.
func (c *Case) Of() (*fleet.Endpoint, *fleet.Variant) {
	e := &c.Snapshot.Endpoints[0]
	for i := range e.Variants {
		if c.Variant == "" || e.Variants[i].Name == c.Variant {
			return e, &e.Variants[i]
		}
	}
	panic("case " + c.Name + " has no variant " + c.Variant)
}

// File is the snapshot file of a case.
func File(name string) []byte {
	data, err := files.ReadFile(name + ".json")
	if err != nil {
		panic(err)
	}
	return data
}

// All reads every case, in the order of their names. Each call reads them anew, so a test may change what it gets.
func All() []Case {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err)
	}
	list := make([]Case, 0, len(entries))
	for _, entry := range entries {
		list = append(list, Named(strings.TrimSuffix(entry.Name(), ".json")))
	}
	return list
}

// Named reads one case anew. It panics where there is none of that name.
func Named(name string) Case {
	verdict, ok := verdicts[name]
	if !ok {
		panic("case " + name + " has no verdict")
	}
	read, err := snapshot.Read(File(name))
	if err != nil {
		panic(fmt.Sprintf("case %s: %v", name, err))
	}
	return Case{Name: name, Snapshot: read.Scopes[0], Verdict: verdict}
}
