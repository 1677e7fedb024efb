package explain_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
)

// advisedCase is one case as it is concluded from, selected by a policy or not.
type advisedCase struct {
	cases.Case
	report.Report
	selected bool
	says     map[string]string // all the sentences that people read of it, by what says them
}

// conclude concludes from a snapshot.
func conclude(s fleet.Snapshot, selected bool) report.Report {
	rules := report.Rules{Objective: func(string) (latency, ttl time.Duration) { return 30 * time.Minute, 6 * time.Hour }}
	if selected {
		rules.Policies = policy.Policies{policy.ByName(named(cases.Endpoint))}
	}
	return report.Build(s, rules, report.NewPast())
}

// advices are all cases, selected and not, as they are; and, but for a short run, with queued requests at 0 instances and idle.
var advices = sync.OnceValue(func() (all []advisedCase) {
	add := func(c cases.Case) {
		for _, selected := range []bool{false, true} {
			r := conclude(c.Snapshot, selected)
			all = append(all, advisedCase{c, r, selected, sentences(explain.Of(&r, cases.Endpoint, c.Snapshot.At))})
		}
	}
	for _, c := range cases.All() {
		if add(c); testing.Short() {
			continue
		}
		add(moved(cases.Named(c.Name), moment{0, 3, nil}))
		add(moved(cases.Named(c.Name), moment{2, 0, nil}))
	}
	return all
})

func sentences(e explain.Explanation) map[string]string {
	all := map[string]string{"conclusion": e.Conclusion.Sentence}
	for i := range e.Links {
		link := &e.Links[i]
		all["link "+link.Variant+" "+string(link.Name)] = link.Sentence
		for _, f := range link.Findings {
			all["check "+link.Variant+" "+f.Check.Name] = f.Sentence
		}
	}
	return all
}

// wrong reports a sentence that does not hold.
func (a *advisedCase) wrong(t *testing.T, who, said, format string, args ...any) {
	t.Helper()
	t.Errorf("%s, selected %t: %s says %q: %s", a.Name, a.selected, who, said, fmt.Sprintf(format, args...))
}

var commands = regexp.MustCompile(`\b(run plan|exporter plan|exporter apply|then apply|apply it)\b`)

// A command that is advised does something: its plan has steps, and the check that advises it passes once they are written.
func TestAdvice_commandsHaveSomethingToDo(t *testing.T) {
	advised, fixed := 0, 0
	for _, a := range advices() {
		named := conclude(a.Case.Snapshot, true).Plan
		for who, said := range a.says {
			if !commands.MatchString(said) {
				continue
			}
			advised++
			if len(named.Steps) == 0 {
				a.wrong(t, who, said, "the plan has no step")
			}
		}
		after := conclude(carriedOut(a.Case.Snapshot, named), true)
		for i := range a.Endpoints[0].Variants {
			for _, f := range a.Endpoints[0].Variants[i].Findings {
				if !f.Failed || !commands.MatchString(f.Sentence) {
					continue
				}
				fixed++
				if left := failing(&after.Endpoints[0].Variants[i], f.Check.Name); left != nil && left.Severity != check.Info {
					a.wrong(t, f.Check.Name, f.Sentence, "after the plan it still says %q", left.Sentence)
				}
			}
		}
	}
	if advised < 20 || fixed < 10 {
		t.Errorf("only %d commands were advised, %d by checks", advised, fixed)
	}
}

func failing(v *report.Variant, name string) *check.Finding {
	i := slices.IndexFunc(v.Findings, func(f check.Finding) bool { return f.Failed && f.Check.Name == name })
	if i < 0 {
		return nil
	}
	return &v.Findings[i]
}

// carriedOut is a snapshot once the steps of a plan are written.
func carriedOut(s fleet.Snapshot, p plan.Plan) fleet.Snapshot {
	arns := map[string]string{}
	for _, step := range p.Steps {
		written, ok := step.WithARNs(arns)
		switch {
		case !ok:
		case written.Target != nil:
			s.Targets = append(without(s.Targets, func(t fleet.Target) bool { return t.ResourceID == step.ResourceID }), *written.Target)
		case written.Policy != nil:
			made := *written.Policy
			if made.ARN == "" {
				made.ARN = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/" + step.ResourceID + ":policyName/" + made.Name
			}
			if step.Kind == plan.WakePolicy {
				arns[step.ResourceID] = made.ARN
			}
			if made.Tracking != nil { // AWS makes its own alarms of it anew
				s.Alarms = without(s.Alarms, func(a fleet.Alarm) bool {
					return strings.HasPrefix(a.Name, fleet.TrackingAlarmPrefix) && slices.Contains(a.AlarmActions, made.ARN)
				})
			}
			s.Policies = append(without(s.Policies, func(p fleet.Policy) bool { return p.ResourceID == step.ResourceID && p.Name == made.Name }), made)
		default:
			s.Alarms = append(without(s.Alarms, func(a fleet.Alarm) bool { return a.Name == written.Name }), *written.Alarm)
		}
	}
	return rejoined(s)
}

func without[T any](list []T, gone func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), gone)
}

// rejoined is a snapshot of its own whose objects have changed.
func rejoined(s fleet.Snapshot) fleet.Snapshot {
	s.Endpoints = slices.Clone(s.Endpoints)
	for i := range s.Endpoints {
		s.Endpoints[i].Variants = slices.Clone(s.Endpoints[i].Variants)
	}
	slices.SortFunc(s.Alarms, func(a, b fleet.Alarm) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Policies, func(a, b fleet.Policy) int {
		return strings.Compare(a.ResourceID+" "+a.Name, b.ResourceID+" "+b.Name)
	})
	s.Rejoin()
	return s
}

var deletes = regexp.MustCompile(`[Dd]elete the (alarm|policy) "([^"]+)"(?: and the policy "([^"]+)")?`)

// What is advised to be deleted takes nothing away that the variant does.
func TestAdvice_whatIsDeletedDoesNothing(t *testing.T) {
	deleted := 0
	for _, a := range advices() {
		for who, said := range a.says {
			m := deletes.FindStringSubmatch(said)
			if m == nil {
				if strings.Contains(strings.ToLower(said), "delete") {
					a.wrong(t, who, said, "it does not say what")
				}
				continue
			}
			deleted++
			s := a.Case.Snapshot
			gone := m[2:]
			if m[1] == "alarm" {
				s.Alarms, gone = without(s.Alarms, func(alarm fleet.Alarm) bool { return alarm.Name == m[2] }), m[3:]
			}
			s.Policies = without(s.Policies, func(p fleet.Policy) bool { return slices.Contains(gone, p.Name) })
			if len(s.Policies)+len(s.Alarms) == len(a.Case.Snapshot.Policies)+len(a.Case.Snapshot.Alarms) {
				a.wrong(t, who, said, "that is not there")
			}
			after := conclude(rejoined(s), a.selected)
			for i := range a.Endpoints[0].Variants {
				was, is := a.Endpoints[0].Variants[i].Behavior, after.Endpoints[0].Variants[i].Behavior
				if was.Wakes.Verdict != is.Wakes.Verdict || was.Wakes.From != is.Wakes.From || was.Wakes.To != is.Wakes.To || was.ScalesOut.Level != is.ScalesOut.Level ||
					was.ScalesIn.Verdict == behavior.Yes && (is.ScalesIn.Verdict != behavior.Yes || is.ScalesIn.To > was.ScalesIn.To) {
					a.wrong(t, who, said, "before %+v %+v %+v, after %+v %+v %+v", was.Wakes, was.ScalesOut, was.ScalesIn, is.Wakes, is.ScalesOut, is.ScalesIn)
				}
			}
		}
	}
	if deleted < 4 {
		t.Errorf("only %d are to be deleted", deleted)
	}
}

var (
	sets    = regexp.MustCompile(`[Ss]et its (statistic|period) to (\w+)`)
	ofAlarm = regexp.MustCompile(`alarm "([^"]+)"`)
)

// What is advised to be set is not so already.
func TestAdvice_whatIsSetDiffers(t *testing.T) {
	set := 0
	for _, a := range advices() {
		for who, said := range a.says {
			if m := sets.FindStringSubmatch(said); m != nil && strings.HasPrefix(who, "check") {
				set++
				name := ofAlarm.FindStringSubmatch(said)[1]
				i := slices.IndexFunc(a.Case.Snapshot.Alarms, func(alarm fleet.Alarm) bool { return alarm.Name == name })
				alarm := &a.Case.Snapshot.Alarms[i]
				if is := map[string]string{"statistic": alarm.Statistic, "period": fleet.Short(alarm.Period)}[m[1]]; is == m[2] {
					a.wrong(t, who, said, "it is %s", is)
				}
			}
			if strings.Contains(said, "ApproximateBacklogSizePerInstance, which falls") && strings.Contains(said, "Let it track") {
				for _, v := range a.Endpoints[0].Variants {
					if v.Behavior.Tracker() != nil {
						a.wrong(t, who, said, "a policy tracks it")
					}
				}
			}
		}
	}
	if set < 6 {
		t.Errorf("only %d values are to be set", set)
	}
}

// Checks, plan and explain give one reason why it is not judged whether a variant wakes.
func TestAdvice_oneReasonWhyWakingIsNotJudged(t *testing.T) {
	found := 0
	for _, a := range advices() {
		v := &a.Endpoints[0].Variants[0]
		reason := v.Behavior.Wakes.Reason
		if v.Behavior.Wakes.Verdict != behavior.NotJudged {
			continue
		}
		found++
		for who, said := range a.says {
			if strings.Contains(said, "ot judged") && !strings.Contains(said, reason) {
				a.wrong(t, who, said, "the reason is %q", reason)
			}
		}
		for _, held := range a.Plan.Withheld {
			if strings.Contains(held.Detail, "not judged") && !strings.Contains(held.Detail, reason) {
				a.wrong(t, "plan", held.Detail, "the reason is %q", reason)
			}
		}
	}
	if found < 6 {
		t.Errorf("only %d are not judged", found)
	}
}

// Nothing is said of time that nobody has measured, and nothing by the names of checks alone.
func TestAdvice_isInPlainWords(t *testing.T) {
	bad := regexp.MustCompile(`\b0 ?s\b|\bwanted\b|\brings?\b|the checks? \w+ fails?|\.\.|;;| \.`)
	for _, a := range advices() {
		for who, said := range a.says {
			if found := bad.FindString(said); found != "" {
				a.wrong(t, who, said, "that has %q", found)
			}
		}
	}
}
