// Package chart draws the last hours of an endpoint as SVG for pages: what was queued, how many instances ran, and what
// happened. It is pure. Colours and sizes are the stylesheet's, so that a picture is right in a light and in a dark scheme.
package chart

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Trace is what is drawn.
type Trace struct {
	Minutes    []fleet.Moment // the oldest first, a minute apart
	Target     float64        // of the backlog per instance; 0 where nothing tracks it
	Thresholds []Threshold
	Marks      []Mark // in any order
}

// Threshold is where an alarm on the backlog per instance goes into ALARM.
type Threshold struct {
	Name  string // what the alarm does: high, low, wake
	Value float64
}

// Kind is what a mark is about; it is the class of its symbol too.
type Kind string

// The kinds.
const (
	Alarm    Kind = "alarm"    // an alarm changed its state
	Activity Kind = "activity" // Application Auto Scaling did something
	Failure  Kind = "failure"  // it failed to
	Write    Kind = "write"    // reconcile wrote an object
	Wake     Kind = "wake"     // the first instance ran
)

// Mark is something that happened.
type Mark struct {
	At   time.Time
	Kind Kind
	Text string
}

// empty tells whether there is nothing to draw.
func (t *Trace) empty() bool {
	for i := range t.Minutes {
		if m := &t.Minutes[i]; !math.IsNaN(m.Backlog) || m.Instances != fleet.NoInstances {
			return false
		}
	}
	return true
}

// Words say what the picture shows, for those who cannot see it.
func (t *Trace) Words() string {
	most, newest, fewest, many := math.NaN(), math.NaN(), math.MaxInt, 0
	for i := range t.Minutes {
		m := &t.Minutes[i]
		if !math.IsNaN(m.Backlog) {
			newest = m.Backlog
			if !(most >= m.Backlog) {
				most = m.Backlog
			}
		}
		if m.Instances != fleet.NoInstances {
			fewest, many = min(fewest, m.Instances), max(many, m.Instances)
		}
	}
	words := "Last " + strings.TrimSuffix(fleet.Lapse(time.Duration(len(t.Minutes))*time.Minute), " 0 min") + ": "
	if math.IsNaN(most) {
		words += "the backlog is not known"
	} else {
		words += "backlog " + fleet.Number(newest) + ", at most " + fleet.Number(most)
	}
	switch {
	case fewest > many:
		return words + "; instances not known."
	case fewest == many:
		return words + "; " + fleet.Plural(many, "instance") + "."
	}
	return words + "; " + strconv.Itoa(fewest) + " to " + fleet.Plural(many, "instance") + "."
}

// perInstance is the backlog of a minute for each instance; NaN where that is not known or none runs.
func perInstance(m *fleet.Moment) float64 {
	if m.Instances <= 0 {
		return math.NaN()
	}
	return m.Backlog / float64(m.Instances)
}

func backlog(m *fleet.Moment) float64 { return m.Backlog }

func instances(m *fleet.Moment) float64 {
	if m.Instances == fleet.NoInstances {
		return math.NaN()
	}
	return float64(m.Instances)
}

// series are the values of the minutes, so many joined to one by the most of them; NaN where nothing is known.
func (t *Trace) series(of func(*fleet.Moment) float64, each int) []float64 {
	values := make([]float64, 0, len(t.Minutes)/each+1)
	for i := range t.Minutes {
		v := of(&t.Minutes[i])
		if i%each == 0 {
			values = append(values, v)
		} else if last := &values[len(values)-1]; !(*last >= v) && !math.IsNaN(v) {
			*last = v
		}
	}
	return values
}

func highest(values ...float64) float64 {
	most := 0.0
	for _, v := range values {
		if v > most { // NaN is not
			most = v
		}
	}
	return most
}

// frame is the place of one series: where it begins, how wide a value is, where 0 is and how high the most is.
type frame struct {
	left, step, base, height, most float64
	whole                          bool // coordinates are rounded to whole numbers
}

func (f frame) y(v float64) float64 {
	y := f.base - f.height*min(v/f.most, 1)
	if f.whole {
		return math.Round(y)
	}
	return y
}

// path draws values as steps; closed makes an area of each part that is known.
func (f frame) path(values []float64, closed bool) string {
	d := make([]byte, 0, 8*len(values)+16)
	to := func(command byte, v float64) { d = appendNumber(append(d, command), v) }
	end := func(x float64) {
		to('H', x)
		if closed {
			to('V', f.base)
			d = append(d, 'Z')
		}
	}
	before, drawn := 0.0, false
	for i, v := range values {
		x := f.left + float64(i)*f.step
		switch {
		case math.IsNaN(v):
			if drawn {
				end(x)
			}
			drawn = false
			continue
		case !drawn && closed:
			to('M', x)
			to(' ', f.base)
			to('V', f.y(v))
		case !drawn:
			to('M', x)
			to(' ', f.y(v))
		case f.y(v) != before:
			to('H', x)
			to('V', f.y(v))
		}
		before, drawn = f.y(v), true
	}
	if drawn {
		end(f.left + float64(len(values))*f.step)
	}
	return string(d)
}

// number is a coordinate: a tenth is less than anybody sees.
func number(v float64) string { return string(appendNumber(nil, v)) }

func appendNumber(d []byte, v float64) []byte {
	tenths := int64(math.Round(v * 10))
	if tenths%10 == 0 {
		return strconv.AppendInt(d, tenths/10, 10)
	}
	return strconv.AppendFloat(d, float64(tenths)/10, 'f', 1, 64)
}

const (
	smallHeight = 26
	smallEach   = 3 // minutes in a value, which is one wide
)

// Small is a picture for a row: the backlog as an area, the instances as steps, each by its own most. It is empty where
// nothing is known. A page has hundreds of them, so its coordinates are whole numbers.
func Small(t *Trace) string {
	if t.empty() {
		return ""
	}
	waits, runs := t.series(backlog, smallEach), t.series(instances, smallEach)
	f := frame{step: 1, base: smallHeight - 1, height: smallHeight - 3, most: max(highest(waits...), 1), whole: true}
	area := f.path(waits, true)
	f.most = max(highest(runs...), 1)
	return `<svg class="spark" viewBox="0 0 ` + strconv.Itoa(len(waits)) + ` 26" preserveAspectRatio="none" role="img"><title>` + t.Words() +
		`</title><path class="area" d="` + area + `"/><path class="steps" d="` + f.path(runs, false) + `"/></svg>`
}
