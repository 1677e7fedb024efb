package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/sagemaker-async/exporter/internal/iam"
)

// iamOptions are the flags of iam-policy.
type iamOptions struct {
	alarmNames  []string // further wake alarms that may be written, * for any text
	denyRemoval bool
	partition   string
}

var (
	// partitionForm is AWS itself, China, GovCloud and the like.
	partitionForm = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	// alarmNameForm is what both an alarm's name and an IAM policy can hold.
	alarmNameForm = regexp.MustCompile(`^[ -~\x{a0}-\x{ff}]{1,255}$`)
)

// problem is what is wrong with the flags of iam-policy.
func (o iamOptions) problem(reconcile bool) error {
	if !partitionForm.MatchString(o.partition) {
		return fmt.Errorf("--partition: %q is not a partition of AWS: write aws, aws-cn or aws-us-gov", o.partition)
	}
	for _, name := range o.alarmNames {
		switch {
		case !reconcile:
			return errors.New("--alarm-name goes with --reconcile alone: without it no alarm is ever written")
		case strings.HasPrefix(name, "arn:"):
			return fmt.Errorf("--alarm-name: %q is an ARN: write its last part, the name", name)
		case !alarmNameForm.MatchString(name):
			return fmt.Errorf("--alarm-name: %q is not the name of an alarm: write 1 to 255 characters, * for any text", name)
		}
	}
	return nil
}

// iamPolicy prints the IAM policy that the exporter needs as it is configured. It asks nobody.
func iamPolicy(o options, out io.Writer) error {
	cfg, err := o.config()
	if err != nil {
		return err
	}
	wanted := iam.Options{
		Reconcile: o.reconcile, Policies: cfg.Policies(), AlarmNames: o.iam.alarmNames, DenyRemoval: o.iam.denyRemoval,
		Partition: o.iam.partition,
	}
	for _, scope := range cfg.Scopes {
		if scope.RoleARN != "" {
			wanted.Roles = append(wanted.Roles, string(scope.RoleARN))
		}
	}
	policy := iam.Build(wanted)
	if size := policy.Size(); size > iam.MaxSize {
		return fmt.Errorf("the policy has %d characters, and AWS takes %d: join names of alarms by a *, or print it for fewer scopes", size, iam.MaxSize)
	}
	text, err := policy.JSON()
	if err == nil {
		_, err = out.Write(text)
	}
	return err
}
