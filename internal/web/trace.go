package web

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/chart"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// pictureView is the picture of the last hours of an endpoint.
type pictureView struct {
	SVG   template.HTML
	Keys  []keyView  // of its marks
	Marks []markView // in words, the newest first
}

// Count is how many marks there are.
func (p *pictureView) Count() string { return fleet.Plural(len(p.Marks), "mark") }

// keyView says what a symbol means.
type keyView struct{ Class, Symbol, Text string }

// markView is one mark in words.
type markView struct{ When, Text string }

// keys are the symbols in the order in which they are explained.
var keys = []struct {
	kind chart.Kind
	text string
}{
	{chart.Alarm, "alarm"}, {chart.Activity, "scaling activity"}, {chart.Failure, "failed activity"}, {chart.Write, "write"}, {chart.Wake, "wake"},
}

// small is the picture in the row of an endpoint; empty where nothing is known.
func (l *look) small(e *report.Endpoint) template.HTML {
	if l.NoQueue != "" {
		return ""
	}
	return template.HTML(chart.Small(&chart.Trace{Minutes: chart.Minutes(e.Endpoint)})) //nolint:gosec // the chart has escaped it
}

// picture is the one on the page of an endpoint; nil where nothing is known.
func (l *look) picture(e *report.Endpoint) *pictureView {
	if l.NoQueue != "" {
		return nil
	}
	t := chart.Trace{Minutes: chart.Minutes(e.Endpoint)}
	if len(t.Minutes) == 0 {
		return nil
	}
	from := t.Minutes[0].At
	t.Marks = wakes(t.Minutes)
	for _, w := range e.Writes {
		t.Marks = append(t.Marks, chart.Mark{At: w.At, Kind: chart.Write, Text: "wrote " + w.Title()})
	}
	for i := range e.Variants {
		v := &e.Variants[i]
		name := ""
		if len(e.Variants) > 1 {
			name = " of variant " + v.Name
		}
		l.aims(&t, v)
		l.happened(&t, v, name)
	}
	t.Marks = slices.DeleteFunc(t.Sorted(), func(m chart.Mark) bool { return m.At.Before(from) })
	p := &pictureView{SVG: template.HTML(chart.Large(&t))} //nolint:gosec // the chart has escaped it
	if p.SVG == "" {
		return nil
	}
	for _, key := range keys {
		if slices.ContainsFunc(t.Marks, func(m chart.Mark) bool { return m.Kind == key.kind }) {
			p.Keys = append(p.Keys, keyView{string(key.kind), chart.Symbol(key.kind), key.text})
		}
	}
	for _, mark := range slices.Backward(t.Marks) {
		p.Marks = append(p.Marks, markView{fleet.Minute(mark.At, l.At), mark.Text})
	}
	return p
}

// aims are the target value of a variant's backlog per instance and the thresholds of the alarms on it.
func (l *look) aims(t *chart.Trace, v *report.Variant) {
	if l.noTarget != "" {
		return
	}
	t.Target = max(t.Target, v.BacklogTarget())
	if l.NoPlan != "" {
		return
	}
	for i := range v.Alarms {
		if a := &v.Alarms[i]; a.Metric.Name == fleet.BacklogPerInstance.String() {
			t.Thresholds = append(t.Thresholds, chart.Threshold{Name: string(v.Role(a)) + " alarm", Value: a.Threshold})
		}
	}
}

// happened are the marks of a variant: its alarms, its activities, and what reconcile wrote.
func (l *look) happened(t *chart.Trace, v *report.Variant, of string) {
	if l.NoPlan == "" {
		for i := range v.Alarms {
			a := &v.Alarms[i]
			since := a.StateSince
			if since.IsZero() {
				since = a.StateUpdated
			}
			if !since.IsZero() {
				t.Marks = append(t.Marks, chart.Mark{At: since, Kind: chart.Alarm, Text: "the alarm " + plan.Printable(a.Name) + " went into " + plan.Printable(a.State)})
			}
		}
	}
	if l.Why(fleet.SourceActivities) != "" {
		return
	}
	for i := range v.Activity.Recent {
		a := &v.Activity.Recent[i]
		if len(a.NotScaled) > 0 {
			continue // nothing happened
		}
		kind := chart.Activity
		if a.Status == "Failed" || a.Status == "Unfulfilled" {
			kind = chart.Failure
		}
		said := cmp.Or(strings.TrimSuffix(plan.Printable(a.Description), "."), "scaling activity")
		t.Marks = append(t.Marks, chart.Mark{At: a.Start, Kind: kind, Text: said + of + ": " + plan.Printable(a.Status)})
	}
}

// wakes are the moments at which the first instance ran while requests were queued.
func wakes(minutes []fleet.Moment) (marks []chart.Mark) {
	for i := 1; i < len(minutes); i++ {
		before, now := &minutes[i-1], &minutes[i]
		if before.Instances != 0 || now.Instances <= 0 || !(before.Backlog > 0) {
			continue
		}
		j := i - 1
		for j > 0 && minutes[j-1].Backlog > 0 && minutes[j-1].Instances == 0 {
			j--
		}
		text := "the endpoint woke"
		if j > 0 && minutes[j-1].Instances != fleet.NoInstances && !math.IsNaN(minutes[j-1].Backlog) { // else nobody knows since when
			text += ", " + fleet.Lapse(now.At.Sub(minutes[j].At).Round(time.Minute)) + " after the first queued request"
		}
		marks = append(marks, chart.Mark{At: now.At, Kind: chart.Wake, Text: text})
	}
	return marks
}
