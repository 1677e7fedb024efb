package behavior

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// row is a shape of scaling in a real account.
type row struct {
	name     string
	endpoint *fleet.Endpoint
	variant  *fleet.Variant
	context  Context
}

func (r *row) of() *Behavior { return Of(r.endpoint, r.variant, r.context) }

// rows are the cases, and some shapes that are none.
func rows() (list []row) {
	for _, c := range cases.All() {
		endpoint, variant := c.Of()
		list = append(list, row{c.Name, endpoint, variant, Context{At: c.Snapshot.At}})
	}
	for _, other := range []struct {
		name  string
		shape *shape
	}{
		{"five minutes of maximum", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 1, triggers("wake"), statistic("Maximum"), period(5*time.Minute)))},
		{"a Lambda function", target(0, 5, tracks, alarm("w", hb, ">=", 1, 2, triggers(lambda)))},
		{"an extra dimension", target(0, 5, tracks, wakePolicy, alarm("w", of(hb), ">=", 1, 2, triggers("wake")))},
		{"disabled", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), func(a *fleet.Alarm) { a.ActionsEnabled = false }))},
		{"suspended", target(0, 5, documented, func(s *shape) { s.variant.Target.Suspended.ScaleOut = true })},
	} {
		list = append(list, row{other.name, &other.shape.endpoint, other.shape.variant, other.shape.context})
	}
	return list
}

// Every answer for every case, and the roles of its alarms, for people to read.
func TestOf_answersTheShapesOfRealAccounts(t *testing.T) {
	var text strings.Builder
	for _, row := range rows() {
		fmt.Fprintf(&text, "%s\n%s", row.name, answers(row.of()))
	}
	const golden = "testdata/answers.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || len(want) < 5000 {
		t.Fatalf("%d bytes, %v", len(want), err)
	}
	got, expected := strings.Split(text.String(), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(got), len(expected)) {
		if got[i] != expected[i] {
			t.Fatalf("line %d is\n%s\nand was\n%s\ngo test ./internal/behavior -update rewrites it", i+1, got[i], expected[i])
		}
	}
	if len(got) != len(expected) {
		t.Errorf("%d lines, and there were %d", len(got), len(expected))
	}
}

// answers are what the behavior says, one answer a line.
func answers(b *Behavior) string {
	var s strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&s, "  "+format+"\n", args...) }
	path := func(p Path) string { return p.Alarm + " -> " + p.Policy }
	switch w := b.Wakes; {
	case w.Fault != nil:
		line("wakes %s: %s, %s", w.Verdict, [...]string{
			"nothing is there", "the action is dead", "no step matches", "the alarm never goes into ALARM", "its actions are disabled", "a mute rule silences it",
			"scale-out is suspended", "the maximum is 0",
		}[w.Fault.Kind], path(w.Fault.Path))
	case w.Verdict == Yes:
		line("wakes yes: from %d requests to %d instances after %s by %s", w.From, w.To, w.After, path(w.By))
	default:
		line("wakes %s", w.Verdict)
	}
	line("scales out: %s %s", b.ScalesOut.Level, path(b.ScalesOut.By))
	line("scales in: %s to %d, perhaps to %d %s", b.ScalesIn.Verdict, b.ScalesIn.To, b.ScalesIn.Possible, path(b.ScalesIn.By))
	for _, list := range []struct {
		name string
		acts []Act
	}{{"removes busy instances", b.RemovesBusy}, {"scales out for nothing", b.ScalesOutForNothing}, {"wakes for nothing", b.WakesForNothing}} {
		for _, act := range list.acts {
			line("%s: %s from %d to %d, %s", list.name, path(act.Path), act.From, act.To, act.Situation)
		}
	}
	for _, a := range b.Alarms {
		roles := []string{}
		for _, policy := range append(slices.Clone(a.Triggers), "")[:max(1, len(a.Triggers))] {
			roles = append(roles, strings.TrimSpace(string(b.Role(a.Name, policy))+" "+policy))
		}
		if a.Flaps != "" {
			roles = append(roles, "flaps: "+a.Flaps)
		}
		line("alarm %q: %s", a.Name, strings.Join(roles, ", "))
	}
	if b.Silence != nil {
		line("%s", b.Silence.String(b.Silence.From))
	}
	for _, reason := range b.NotJudged {
		line("not judged: %s: %s", path(reason.Path), reason.Text)
	}
	return awsAlarm.ReplaceAllString(s.String(), "$1 of AWS's own")
}

// awsAlarm are the names of the alarms that AWS makes.
var awsAlarm = regexp.MustCompile(`TargetTracking-endpoint/\S+-(AlarmHigh|AlarmLow)-[0-9a-f-]{36}`)
