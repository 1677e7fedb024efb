// Package triage says of each endpoint how much it needs somebody, and lists the fleet, the worst first. The pages and the
// command list show the same.
package triage

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Trouble is how much an endpoint needs somebody, the most first.
type Trouble int

// The troubles.
const (
	Stuck    Trouble = iota // requests wait, and will wait until somebody acts
	Critical                // they would, if some came
	Unseen                  // nothing is known
	Doubtful                // a warning
	Pending                 // a plan to carry out
	None
)

// Case is one endpoint as it is now.
type Case struct {
	State      explain.State
	Doing      explain.State // what it does, whatever is wrong with it, as explain.Conclusion has it
	Trouble    Trouble
	Conclusion string        // what is wrong, in a sentence; empty where nothing needs attention
	Short      string        // the same without what waits and runs and without how to fix it
	Preview    string        // the command that previews the fix; empty where that takes more than a command
	Advice     string        // what to do where the preview is not all; empty where it is, or nothing is known to help
	Guide      string        // the URL of the page that says what to do; empty where there is none
	Next       string        // what is to be expected next, as explain.Conclusion has it; empty where nothing is
	Latest     time.Time     // until when
	Waiting    float64       // requests queued or in service; 0 where that is not known
	Age        time.Duration // of the oldest of them; 0 where that is not known
}

// Attention tells whether somebody has to do or to find out something.
func (c *Case) Attention() bool { return c.Trouble != None }

// Severity is how bad the trouble is; empty where there is none.
func (c *Case) Severity() check.Severity {
	switch {
	case c.Trouble <= Critical:
		return check.Critical
	case c.Attention():
		return check.Warning
	}
	return ""
}

// Word is what the endpoint does, for people. How bad that is says Severity.
func (c *Case) Word() string { return strings.ReplaceAll(string(c.Doing), "_", " ") }

// Compare is negative where the endpoint needs somebody before the other one: the worse, the older, the busier first.
func (c *Case) Compare(other *Case) int {
	return cmp.Or(cmp.Compare(c.Trouble, other.Trouble), cmp.Compare(other.Age, c.Age), cmp.Compare(other.Waiting, c.Waiting))
}

// View judges the endpoints of one report as of one moment.
type View struct {
	*report.Report
	At         time.Time
	NoEndpoint string // why no endpoint is shown; empty when they are
	NoQueue    string // the same of queue metrics
	NoPlan     string // the same of steps
	NoChecks   string // why some checks are not shown; empty when all are

	hidden map[*check.Check]bool // checks that looked at what is not shown any more
}

// Of views a report.
func Of(r *report.Report, at time.Time) *View {
	v := &View{Report: r, At: at, hidden: map[*check.Check]bool{}}
	v.NoEndpoint = v.Why(fleet.SourceEndpoints)
	v.NoQueue = v.Why(fleet.SourceQueue)
	v.NoPlan = v.Why(fleet.SourceScaling, fleet.SourceAlarms)
	for _, c := range check.All() {
		if why := v.Why(c.Needs...); why != "" {
			v.hidden[c], v.NoChecks = true, cmp.Or(v.NoChecks, why)
		}
	}
	return v
}

// Why says why the sources may not be shown; it is empty when all may.
func (v *View) Why(names ...fleet.SourceName) string { return v.Snapshot.Why(v.At, names...) }

// Hides tells whether the check looked at what may not be shown any more.
func (v *View) Hides(c *check.Check) bool { return v.hidden[c] }

// Fails tells whether a check fails, as long as what it looked at may be shown.
func (v *View) Fails(f *check.Finding) bool { return f.Failed && !v.hidden[f.Check] }

// Unseen is why nothing is known of an endpoint; empty when something is.
func (v *View) Unseen(e *report.Endpoint) string {
	if v.NoEndpoint == "" && !v.At.Before(e.Expires) {
		return "too old, last seen " + fleet.Lapse(v.At.Sub(e.SeenAt)) + " ago"
	}
	return v.NoEndpoint
}

// Case says in which state an endpoint is, what is wrong and what to do.
func (v *View) Case(e *report.Endpoint) Case {
	return v.judge(e, func() explain.Conclusion { return explain.Brief(v.Report, e, v.At) })
}

// Explained is the case of an endpoint with its explanation, which is made once for both.
func (v *View) Explained(e *report.Endpoint) (Case, explain.Explanation) {
	explained := explain.One(v.Report, e, v.At)
	return v.judge(e, func() explain.Conclusion { return explained.Conclusion }), explained
}

// judge says what Case does, with what an explanation concludes where anything is known.
func (v *View) judge(e *report.Endpoint, concluded func() explain.Conclusion) Case {
	if why := v.Unseen(e); why != "" {
		c := Case{State: explain.NotKnown, Doing: explain.NotKnown, Trouble: Unseen}
		c.say("Nothing is known of it: " + why + ".")
		return c
	}
	c := Case{Trouble: None}
	if v.NoQueue == "" {
		c.Waiting = v.value(e, fleet.Backlog)
		if v.value(e, fleet.OldestAge) > 0 {
			c.Age, _ = e.Waited(v.At)
		}
	}
	criticals, warnings := v.failing(e, check.Critical), v.failing(e, check.Warning)
	c.explained(concluded(), slices.Concat(criticals, warnings))
	c.worsen(criticals, Critical)
	c.worsen(warnings, Doubtful)
	if steps := v.steps(e); steps > 0 {
		if c.Conclusion == "" {
			c.say("The plan has " + fleet.Plural(steps, "step") + " for it.")
		}
		c.Preview = cmp.Or(c.Preview, v.Started.Command("plan", v.Snapshot.Scope, e.Name))
		c.Trouble = min(c.Trouble, Pending)
	}
	return c
}

// steps counts those of the plan for an endpoint, the withheld ones too. These are known as long as the endpoint is.
func (v *View) steps(e *report.Endpoint) (n int) {
	if v.NoPlan == "" {
		n = len(v.Plan.StepsOf(e.Name))
	}
	for i := range e.Variants {
		n += len(v.Plan.WithheldOf(fleet.ResourceID(e.Name, e.Variants[i].Name)))
	}
	return n
}

// say concludes something that is short already.
func (c *Case) say(sentence string) { c.Conclusion, c.Short = sentence, sentence }

// value is the newest value of a metric while it may be shown, and else 0.
func (v *View) value(e *report.Endpoint, metric fleet.QueueMetric) float64 {
	if r := e.Queue[metric]; Hidden(r, v.At) == "" {
		return r.Value
	}
	return 0
}

// failing are the checks of that severity that fail for an endpoint.
func (v *View) failing(e *report.Endpoint, severity check.Severity) (failing []*check.Finding) {
	for i := range e.Variants {
		for j := range e.Variants[i].Findings {
			if f := &e.Variants[i].Findings[j]; f.Severity == severity && v.Fails(f) {
				failing = append(failing, f)
			}
		}
	}
	return failing
}

// explained takes what an explanation of the endpoint concludes.
func (c *Case) explained(concluded explain.Conclusion, failing []*check.Finding) {
	c.State, c.Doing, c.Next, c.Latest = concluded.State, concluded.Doing, concluded.Next, concluded.Latest
	if c.State == explain.NotKnown { // it is said in a list; a page says it of the source
		c.Short = concluded.Why()
	}
	if !concluded.Attention || concluded.State == explain.NotKnown {
		return
	}
	c.Trouble, c.Conclusion, c.Short, c.Preview, c.Guide = Critical, concluded.Cause, concluded.Why(), concluded.Preview, concluded.Page
	c.Advice = concluded.Advice
	for _, f := range failing {
		if f.Check.Name == concluded.Check {
			c.Short = f.Problem()
			c.Conclusion = strings.ToUpper(concluded.Situation[:1]) + concluded.Situation[1:] + ". " + c.Short
			break
		}
	}
	switch {
	case concluded.State != explain.Failing:
		c.Trouble = Doubtful
	case c.Waiting > 0:
		c.Trouble = Stuck
	}
}

// worsen takes the first failing check for the conclusion where there is no worse one.
func (c *Case) worsen(failing []*check.Finding, is Trouble) {
	if len(failing) == 0 {
		return
	}
	if c.Conclusion == "" {
		c.Conclusion, c.Advice, c.Guide = failing[0].Problem(), failing[0].Advice(), explain.Docs+failing[0].Check.Guide()
		c.Short = c.Conclusion
	}
	c.Trouble = min(c.Trouble, is)
}

// Hidden is why the newest value of a metric is not shown; empty when it is.
func Hidden(r fleet.Reading, at time.Time) string {
	switch {
	case !r.Known():
		return "CloudWatch has no datapoint"
	case !r.Fresh(at):
		return "the newest datapoint is of " + fleet.Minute(r.At, at) + ", too old to be shown"
	case math.IsNaN(r.Value) || math.IsInf(r.Value, 0):
		return "CloudWatch's datapoint is not a number"
	}
	return ""
}
