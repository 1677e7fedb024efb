package chart

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	largeWidth  = 960.0
	left, right = 56.0, 12.0
	titleHeight = 20.0
	panelHeight = 84.0
	laneHeight  = 26.0
	axisHeight  = 18.0
	labelHeight = 12.0
	tick        = 30 * time.Minute
	apart       = 5.0 // symbols of one kind that are nearer are one
)

// Large is a picture for the page of an endpoint: what was queued, that for each instance with what is aimed at, the
// instances, and marks. It is empty where nothing is known.
func Large(t *Trace) string {
	if t.empty() {
		return ""
	}
	d := drawing{t: t, step: (largeWidth - left - right) / float64(len(t.Minutes)), from: t.Minutes[0].At}
	d.panel("Backlog: requests queued or in service", backlog, "area", nil)
	lines := t.lines()
	if highest(t.series(perInstance, 1)...) > 0 || len(lines) > 0 {
		d.panel("Backlog divided by the instances that run", perInstance, "line", lines)
	}
	d.panel("Instances", instances, "steps", nil)
	d.lane()
	d.axis()
	return `<svg class="chart" viewBox="0 0 960 ` + number(d.top) + `" role="img" aria-label="` + html.EscapeString(t.Words()) + `">` +
		d.below.String() + d.out.String() + `</svg>`
}

// line is a value that a series is compared with.
type line struct {
	name, class string
	value       float64
}

// lines are the target and the thresholds, the highest first, each value once.
func (t *Trace) lines() (lines []line) {
	if t.Target > 0 {
		lines = append(lines, line{"target", "target", t.Target})
	}
	for _, threshold := range t.Thresholds {
		if i := slices.IndexFunc(lines, func(l line) bool { return l.value == threshold.Value }); i < 0 {
			lines = append(lines, line{threshold.Name, "threshold", threshold.Value})
		} else if !strings.Contains(lines[i].name, threshold.Name) {
			lines[i].name += ", " + threshold.Name
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(b.value, a.value) })
	return lines
}

// drawing is a picture in the making, from top to bottom.
type drawing struct {
	t          *Trace
	step       float64 // how wide a minute is
	from       time.Time
	top        float64
	below, out strings.Builder // below is drawn first
}

func (d *drawing) x(at time.Time) float64 { return left + at.Sub(d.from).Minutes()*d.step }

func (d *drawing) text(class string, x, y float64, text string) {
	d.out.WriteString(`<text class="` + class + `" x="` + number(x) + `" y="` + number(y) + `">` + html.EscapeString(text) + `</text>`)
}

func (d *drawing) across(class string, y float64) {
	d.out.WriteString(`<path class="` + class + `" d="M` + number(left) + " " + number(y) + "H" + number(largeWidth-right) + `"/>`)
}

// panel draws one series below the one before.
func (d *drawing) panel(title string, of func(*fleet.Moment) float64, class string, lines []line) {
	values := d.t.series(of, 1)
	most := highest(values...)
	for _, l := range lines {
		most = max(most, l.value)
	}
	f := frame{left: left, step: d.step, base: d.top + titleHeight + panelHeight, height: panelHeight, most: max(most, 1)}
	d.text("title", left, d.top+titleHeight-6, title)
	d.across("rule", f.base)
	d.text("scale", left-6, f.base+4, "0")
	d.across("rule", f.base-f.height)
	d.text("scale", left-6, f.base-f.height+4, fleet.Number(f.most))
	d.out.WriteString(`<path class="` + class + `" d="` + f.path(values, class == "area") + `"/>`)
	last := d.top // where the text before stands
	for _, l := range lines {
		y := f.base - f.height*l.value/f.most
		d.across(l.class, y)
		label := y - 3
		if label < last+labelHeight { // beside the one before: below its line
			label = max(y, last) + labelHeight
		}
		if label < f.base+labelHeight+1 {
			d.text("label", largeWidth-right-2, label, l.name+" "+fleet.Number(l.value))
			last = label
		}
	}
	d.top = f.base + 8
}

// symbols are those of the marks, around a point.
var symbols = map[Kind]string{
	Alarm: "l6 11h-12z", Activity: "m-5 6a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", Failure: "m-5 1l10 10m0-10l-10 10", Write: "m-5 1h10v10h-10z",
	Wake: "l6 6l-6 6l-6-6z",
}

// Symbol is the path of the symbol of a kind, in a box from -6 to 6 and from 0 to 12.
func Symbol(of Kind) string { return "M0 0" + symbols[of] }

// lane draws the marks, each with a line through all that stands above.
func (d *drawing) lane() {
	to := d.from.Add(time.Duration(len(d.t.Minutes)) * time.Minute)
	last := map[Kind]float64{}
	for _, mark := range d.t.Sorted() {
		x := d.x(mark.At)
		if before, drawn := last[mark.Kind]; mark.At.Before(d.from) || mark.At.After(to) || drawn && x-before < apart {
			continue
		}
		last[mark.Kind] = x
		at := number(x)
		d.below.WriteString(`<path class="when" d="M` + at + " " + number(titleHeight) + "V" + number(d.top+8) + `"/>`)
		d.out.WriteString(`<path class="mark ` + string(mark.Kind) + `" d="M` + at + " " + number(d.top+8) + symbols[mark.Kind] + `"><title>` +
			mark.At.UTC().Format("15:04 UTC ") + html.EscapeString(mark.Text) + `</title></path>`)
	}
	d.top += laneHeight
}

// axis writes the hours.
func (d *drawing) axis() {
	d.across("rule", d.top)
	to := d.from.Add(time.Duration(len(d.t.Minutes)) * time.Minute)
	for at := d.from.Truncate(tick).Add(tick); !at.After(to); at = at.Add(tick) {
		d.text("hour", min(d.x(at), largeWidth-right-16), d.top+14, at.UTC().Format("15:04"))
	}
	d.top += axisHeight
}

// Sorted are the marks, the oldest first.
func (t *Trace) Sorted() []Mark {
	return slices.SortedStableFunc(slices.Values(t.Marks), func(a, b Mark) int { return a.At.Compare(b.At) })
}
