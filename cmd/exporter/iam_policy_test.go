package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The files that users attach are what the program prints.
func TestIAMPolicy_printsTheFiles(t *testing.T) {
	for args, name := range map[string]string{
		"iam-policy":                    "read.json",
		"iam-policy --demo":             "read.json",
		"iam-policy --reconcile":        "reconcile.json",
		"iam-policy --reconcile --demo": "reconcile.json",
		"iam-policy --reconcile --reconcile.endpoints=.* --aws.region=us-east-1": "reconcile.json",
	} {
		want, err := os.ReadFile("../../deploy/iam/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		if status := run(t.Context(), strings.Fields(args), &out, &errs); status != 0 || errs.Len() > 0 {
			t.Errorf("%s: exit status %d, %s", args, status, &errs)
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%s does not print %s but\n%s", args, name, &out)
		}
	}
}

func TestIAMPolicy_refusesWhatAWSWouldNotTake(t *testing.T) {
	var scopes strings.Builder
	for account := range 40 {
		fmt.Fprintf(&scopes, "  - {region: us-east-1, roleARN: 'arn:aws:iam::4444555566%02d:role/%s'}\n", account, strings.Repeat("path/", 20)+"exporter")
	}
	var out, errs bytes.Buffer
	status := run(t.Context(), []string{"iam-policy", "--config.file=" + configFile(t, "scopes:\n"+scopes.String())}, &out, &errs)
	if status != 1 || out.Len() > 0 || !strings.Contains(errs.String(), "AWS takes 6144: join names of alarms by a *") {
		t.Errorf("exit status %d, %s%s", status, &out, &errs)
	}
}
