// Package picture draws how replays went over time: what waited, the instances and the waits, one line for each policy. It
// is the wall to the plotting library, and writes no files.
package picture

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/go-analyze/charts"

	"github.com/sagemaker-async/exporter/internal/sim"
)

// Run is one replay to draw.
type Run struct {
	Name    string
	Minutes []sim.Minute
}

// The forms of a picture.
const (
	PNG = charts.ChartOutputPNG
	SVG = charts.ChartOutputSVG
)

// Form is the form that the name of a file asks for.
func Form(file string) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(file)); ext {
	case ".png":
		return PNG, nil
	case ".svg":
		return SVG, nil
	}
	return "", fmt.Errorf("%q ends neither in .svg nor in .png", file)
}

const (
	width       = 1200
	panelHeight = 280
	titleHeight = 50
	mostPoints  = 720 // more would be closer than a pixel or two
	mostTicks   = 12  // on the axis of time, but the first
)

// panel is one of the diagrams that stand below each other.
type panel struct {
	title string
	of    func(sim.Minute) float64
	join  func(values []float64) float64 // makes one point of several minutes
}

var panels = []panel{
	{"Requests waiting or in service (most)", func(m sim.Minute) float64 { return float64(m.Backlog) }, most},
	{"Instances that serve (mean)", func(m sim.Minute) float64 { return float64(m.Instances) }, mean},
	{"Longest wait until the answer, in minutes", func(m sim.Minute) float64 { return m.Worst.Minutes() }, most},
}

// Draw draws the runs, which have the same length, and returns the file's bytes.
func Draw(form, title string, runs []Run) ([]byte, error) {
	if len(runs) == 0 || len(runs[0].Minutes) == 0 {
		return nil, fmt.Errorf("drawing: there is nothing to draw")
	}
	p := charts.NewPainter(charts.PainterOptions{
		OutputFormat: form, Width: width, Height: titleHeight + panelHeight*len(panels), Theme: theme(),
	})
	p.FilledRect(0, 0, width, titleHeight+panelHeight*len(panels), charts.ColorWhite, charts.ColorWhite, 0)
	p.Text(title, 20, 32, 0, charts.NewFontStyleWithSize(14).WithColor(charts.ColorBlack))
	along := axisOf(len(runs[0].Minutes))
	for i, panel := range panels {
		top := titleHeight + i*panelHeight
		place := p.Child(charts.PainterBoxOption(charts.NewBox(10, top, width-10, top+panelHeight)))
		if err := place.LineChart(panel.chart(runs, along)); err != nil {
			return nil, fmt.Errorf("drawing: %w", err)
		}
	}
	drawn, err := p.Bytes()
	if err != nil {
		return nil, fmt.Errorf("drawing: %w", err)
	}
	return drawn, nil
}

// theme has two colours that can be told apart where lines lie over each other.
func theme() charts.ColorPalette {
	return charts.GetTheme(charts.ThemeLight).WithSeriesColors([]charts.Color{{R: 60, G: 90, B: 160, A: 255}, {R: 225, G: 120, B: 0, A: 255}})
}

func (p panel) chart(runs []Run, along axis) charts.LineChartOption {
	var names []string
	var values [][]float64
	for _, run := range runs {
		names = append(names, run.Name)
		points := p.points(run.Minutes, along.each)
		for len(points) < along.points() { // the axis ends with a tick
			points = append(points, charts.GetNullValue())
		}
		values = append(values, points)
	}
	option := charts.NewLineChartOptionWithData(values)
	option.Theme = theme()
	option.Title = charts.TitleOption{Text: p.title, FontStyle: charts.NewFontStyleWithSize(11)}
	option.Legend = charts.LegendOption{SeriesNames: names, Offset: charts.OffsetRight}
	option.XAxis.Labels = along.moments()
	option.XAxis.LabelCount = along.ticks + 1
	option.XAxis.BoundaryGap = charts.Ptr(false)
	option.YAxis[0].Min = charts.Ptr(0.0)
	option.LineStrokeWidth = 1.2
	option.Symbol = charts.Symbol{Shape: charts.SymbolNone}
	return option
}

// points join so many minutes to one value each.
func (p panel) points(minutes []sim.Minute, each int) (points []float64) {
	for len(minutes) > 0 {
		n := min(each, len(minutes))
		values := make([]float64, n)
		for i := range values {
			values[i] = p.of(minutes[i])
		}
		points, minutes = append(points, p.join(values)), minutes[n:]
	}
	return points
}

func most(values []float64) float64 {
	highest := values[0]
	for _, v := range values {
		highest = math.Max(highest, v)
	}
	return highest
}

func mean(values []float64) (sum float64) {
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return sum
}
