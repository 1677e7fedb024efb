package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/policy"
)

// everything asks for all that there is.
var everything = Options{
	Reconcile: true, AlarmNames: []string{"tf-*", "HasBacklogWithoutCapacity-Alarm"}, DenyRemoval: true,
	Roles: []string{"arn:aws:iam::444455556666:role/b", "arn:aws:iam::111122223333:role/a", "arn:aws:iam::444455556666:role/b"},
}

// statement is one of a policy, which has it.
func statement(t *testing.T, p Policy, sid string) Statement {
	t.Helper()
	at := slices.IndexFunc(p.Statement, func(s Statement) bool { return s.Sid == sid })
	if at < 0 {
		t.Fatalf("the policy has no statement %s: %+v", sid, p)
	}
	return p.Statement[at]
}

// granted are the actions of the permissions that are wanted.
func granted(wanted func(Permission) bool) (actions []string) {
	for _, permission := range Permissions() {
		if wanted(permission) {
			actions = append(actions, permission.Action)
		}
	}
	return actions
}

func TestBuild_allowsEachPermissionToWhomNeedsItAlone(t *testing.T) {
	assumes := func(p Permission) bool { return p.Action == "sts:AssumeRole" }
	for name, tt := range map[string]struct {
		options Options
		want    []string
	}{
		"read":      {Options{}, granted(func(p Permission) bool { return !p.Reconcile() && !assumes(p) })},
		"roles":     {Options{Roles: everything.Roles}, granted(func(p Permission) bool { return !p.Reconcile() })},
		"reconcile": {Options{Reconcile: true}, granted(func(p Permission) bool { return !assumes(p) })},
		"all":       {everything, granted(func(Permission) bool { return true })},
		"denying":   {Options{DenyRemoval: true}, granted(func(p Permission) bool { return !p.Reconcile() && !assumes(p) })},
	} {
		if got := Build(tt.options).Actions(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: allows %q, want %q", name, got, tt.want)
		}
	}
}

func TestBuild_forReadingIsPartOfThatForReconciling(t *testing.T) {
	reading := Build(Options{})
	if got := statement(t, Build(Options{Reconcile: true}), read); fmt.Sprint(got) != fmt.Sprint(reading.Statement[0]) {
		t.Errorf("got %v, want %v", got, reading.Statement)
	}
	for _, action := range reading.Actions() {
		name := action[strings.Index(action, ":")+1:]
		if !strings.HasPrefix(name, "Describe") && !strings.HasPrefix(name, "List") && !strings.HasPrefix(name, "Get") {
			t.Errorf("%s does not read", action)
		}
	}
}

// What changes something is allowed on what the exporter works on, never on everything.
func TestBuild_allowsNoWriteOnEverything(t *testing.T) {
	for _, s := range Build(everything).Statement {
		if s.Effect == allow && s.Sid != read && slices.ContainsFunc(s.Resource, func(arn string) bool {
			return strings.HasSuffix(arn, ":*") || arn == "*"
		}) {
			t.Errorf("%s is on %q", s.Sid, s.Resource)
		}
	}
}

func TestBuild_scopesTheAlarms(t *testing.T) {
	p := Build(Options{Reconcile: true, AlarmNames: []string{"tf-*"}})
	for sid, want := range map[string]Statement{
		wakeAlarms: {
			Action:   []string{"cloudwatch:PutMetricAlarm"},
			Resource: []string{"arn:aws:cloudwatch:*:*:alarm:HasBacklogWithoutCapacity-Alarm-*", "arn:aws:cloudwatch:*:*:alarm:tf-*"},
		},
		trackingAlarms: {
			Action:    []string{"cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"},
			Resource:  []string{"arn:aws:cloudwatch:*:*:alarm:", "arn:aws:cloudwatch:*:*:alarm:TargetTracking-endpoint/*"},
			Condition: Condition{"StringEquals": {"aws:CalledViaLast": "application-autoscaling.amazonaws.com"}},
		},
	} {
		want.Sid, want.Effect = sid, "Allow"
		if got := statement(t, p, sid); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestBuild_takesTheAlarmNamesOfThePolicies(t *testing.T) {
	entry := func(template string) policy.Entry {
		wanted := policy.Documented()
		wanted.Alarm.NameTemplate = template
		return policy.Entry{Wanted: wanted}
	}
	const begin = "arn:aws:cloudwatch:*:*:alarm:"
	got := statement(t, Build(Options{Reconcile: true, Policies: policy.Policies{
		entry("{endpoint}-wakes"), entry("A-{endpoint}-b-{variant}-c"), entry(policy.WakeAlarmName), entry("one $ * ?"),
		entry("{variant}/{endpoint}"), entry("A-{endpoint}-b-{variant}-c"), entry("żółw-{endpoint}é"),
	}}), wakeAlarms).Resource
	want := []string{begin + "*", begin + "*-wakes", begin + "?ó?w-*é", begin + "A-*-c", begin + "HasBacklogWithoutCapacity-Alarm-*", begin + "one ${$} ${*} ${?}"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestBuild_matchesTheNamesThatThePolicyPackageGives(t *testing.T) {
	name := policy.WakeAlarm("transcribe", "AllTraffic", "").Name
	pattern := strings.TrimSuffix(namesOf(policy.WakeAlarmName), "*")
	if !strings.HasPrefix(name, pattern) || len(pattern) < 20 {
		t.Errorf("%s does not begin with %s", name, pattern)
	}
}

func TestBuild_deniesRemovalWhereAskedAlone(t *testing.T) {
	denies := statement(t, Build(Options{DenyRemoval: true}), denyRemoval)
	want := []string{"application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget"}
	if denies.Effect != "Deny" || !slices.Equal(denies.Action, want) || !slices.Equal(denies.Resource, []string{"*"}) || denies.Condition != nil {
		t.Errorf("got %+v", denies)
	}
	for _, action := range want {
		if slices.Contains(granted(func(Permission) bool { return true }), action) {
			t.Errorf("%s is needed and denied", action)
		}
	}
	for _, s := range Build(Options{Reconcile: true}).Statement {
		if s.Effect != "Allow" {
			t.Errorf("nobody asked for %+v", s)
		}
	}
}

func TestBuild_isForOnePartition(t *testing.T) {
	o := everything
	o.Partition, o.Roles = "aws-cn", nil
	text, err := Build(o).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "arn:aws:") || strings.Count(string(text), "arn:aws-cn:") < 7 {
		t.Errorf("got %s", text)
	}
}

func TestBuild_isSortedAndFitsAManagedPolicy(t *testing.T) {
	p := Build(everything)
	if !slices.IsSortedFunc(p.Statement, func(a, b Statement) int { return strings.Compare(a.Sid, b.Sid) }) {
		t.Errorf("the statements are not sorted: %v", p.Statement)
	}
	for _, s := range p.Statement {
		for _, list := range [][]string{s.Action, s.Resource} {
			if len(list) == 0 || !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
				t.Errorf("%s has %q", s.Sid, list)
			}
		}
		if strings.ContainsFunc(s.Sid, func(r rune) bool {
			return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", r)
		}) {
			t.Errorf("AWS takes letters and digits alone: %s", s.Sid)
		}
	}
	if size := p.Size(); size < 1000 || size > MaxSize {
		t.Errorf("the policy has %d characters", size)
	}
}

func TestJSON_isIndentedAndReadable(t *testing.T) {
	text, err := Build(Options{Reconcile: true, AlarmNames: []string{"<&>"}}).JSON()
	if err != nil {
		t.Fatal(err)
	}
	var again Policy
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if same, err := again.JSON(); err != nil || !bytes.Equal(same, text) {
		t.Errorf("read again it is %s, %v", same, err)
	}
	for _, part := range []string{"{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n", ":<&>\"", "\n}\n"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("there is no %q in %s", part, text)
		}
	}
}

func TestSize_countsNoWhiteSpaceBetweenWords(t *testing.T) {
	if got, want := (Policy{Version: "é"}).Size(), len(`{"Version":"e","Statement":null}`); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}
