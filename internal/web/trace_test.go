package web

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// pictured is the full report with three hours in which requests were queued for one, and then woke two instances.
func pictured() report.Report {
	r := full()
	e := &r.Snapshot.Endpoints[0]
	var history *fleet.History
	for i := range 180 {
		waits, runs := 0.0, 0
		if i >= 60 {
			waits = 20
		}
		if i >= 120 {
			runs = 2
		}
		begin := at.Add(time.Duration(i-180) * time.Minute)
		history = history.With([]fleet.Point{{At: begin, Value: waits}}, begin.Add(time.Minute), runs)
	}
	e.History = history
	alarm := &e.Variants[0].Alarms[0]
	alarm.StateSince = at.Add(-30 * time.Minute)
	tracks := *alarm
	tracks.Name, tracks.Metric, tracks.Threshold = "high", fleet.BacklogPerInstance.Query(e.Name).Metric, 4
	e.Variants[0].Alarms = append(e.Variants[0].Alarms, tracks)
	return r
}

func TestPicture_isInTheRowAndOnThePage(t *testing.T) {
	s := newSite(t)
	const page = "/status/111122223333/us-east-1/transcribe"
	r := pictured()
	r.Endpoints[0].Writes = []plan.Written{{At: at.Add(-20 * time.Minute), Kind: plan.WakeAlarm, Name: "a<b"}, {At: at.Add(-4 * time.Hour)}}
	s.set = &report.Set{Reports: []report.Report{r}}
	s.want("GET", "/status", 200, `<title>Last 3 h: backlog 20, at most 20; 0 to 2 instances.</title>`)
	s.want("GET", "/status", 200, `abbr="Backlog and instances of the last 3 hours"`)
	for _, part := range []string{
		`<h2 id="picture">Last 3 hours</h2>`, `aria-label="Last 3 h: backlog 20, at most 20; 0 to 2 instances."`, "target, other alarm 4</text>",
		"<summary>6 marks in words</summary>", "<li>11:30 UTC <bdi>the alarm wake-alarm went into ALARM</bdi></li>",
		"<li>11:55 UTC <bdi>Setting desired instance count to 2: InProgress</bdi></li>", "<bdi>the endpoint woke, 1 h 0 min after the first queued request</bdi>",
		"</svg> failed activity</span>", "</svg> write</span>", "<li>11:40 UTC <bdi>wrote wake alarm a&lt;b</bdi></li>", "</svg> wake</span>",
	} {
		s.want("GET", page, 200, part)
	}
	if html := s.get(page).Body.String(); strings.Contains(html, "spark") {
		t.Error("the page has the picture of the row")
	}
	for i := range r.Snapshot.Sources {
		if source := &r.Snapshot.Sources[i]; source.Name == fleet.SourceQueue {
			source.Expires = at
		}
	}
	for _, path := range []string{"/status", page} {
		if strings.Contains(s.get(path).Body.String(), "<svg") {
			t.Errorf("%s draws what is not known any more", path)
		}
	}
}
