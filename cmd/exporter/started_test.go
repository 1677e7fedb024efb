package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestStarted_repeatsWhatSaysWhereAWSIs(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "--config.file=" + path
	}
	const role = "arn:aws:iam::111122223333:role/read"
	plain := file("plain.yml", "recreateAfter: 20m\n")
	one := file("one.yml", "scopes:\n- region: eu-west-1\n  roleARN: "+role+"\n  externalID: hush\n")
	two := file("two.yml", "scopes:\n- region: eu-west-1\n- region: us-east-1\n  roleARN: "+role+"\n")
	hushed := file("hushed.yml", "scopes:\n- region: eu-west-1\n- region: us-east-1\n  roleARN: "+role+"\n  externalID: hush\n")
	for given, want := range map[string]string{
		"":                                     "--aws.region=eu-west-1",
		"--reconcile.endpoints=asr":            "--aws.region=eu-west-1",
		plain:                                  plain + " --aws.region=eu-west-1",
		one:                                    one,
		two:                                    two + " --aws.region=eu-west-1",
		hushed:                                 hushed,
		"--demo " + plain:                      plain + " --demo",
		"--demo --demo.aws=http://127.0.0.1:1": "--demo --demo.aws=http://127.0.0.1:1",
		"--aws.region=us-east-1 --aws.region=eu-west-1": "--aws.region=eu-west-1",
		one + " --aws.region=eu-west-1":                 one + " --aws.region=eu-west-1",
		"--aws.role-arn=" + role:                        "--aws.region=eu-west-1 --aws.role-arn=" + role,
	} {
		_, o, err := parse(append([]string{"serve"}, strings.Fields(given)...), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := o.config()
		if err != nil {
			t.Fatal(err)
		}
		command := o.started(cfg).Command("plan", fleet.Scope{AccountID: "111122223333", Region: "eu-west-1"}, "asr")
		if got := strings.TrimPrefix(command, "sagemaker-async-exporter plan asr "); got != want {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
		if _, _, err := parse(strings.Fields(command)[1:], io.Discard); err != nil {
			t.Errorf("%s: %s does not run: %v", given, command, err)
		}
	}
	t.Chdir(dir)
	given := options{configFile: "plain.yml"}
	if command := given.started(config.Config{}).Command("plan", fleet.Scope{}, "asr"); !strings.HasSuffix(command, " "+plain) {
		t.Errorf("a relative path: %s", command)
	}
}
