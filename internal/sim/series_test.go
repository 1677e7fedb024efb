package sim

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// workOf is a metric of what the only variant of an endpoint has done.
func workOf(endpoint, name string) fleet.Metric {
	return fleet.Metric{Namespace: fleet.Namespace, Name: name, Dimensions: []fleet.Dimension{
		{Name: "EndpointName", Value: endpoint}, {Name: "VariantName", Value: allTraffic},
	}}
}

var latencies = []string{"ModelLatency", "RequestDownloadLatency", "ResponseUploadLatency", "TimeInBacklog", "TotalProcessingTime"}

func sumOf(points []fleet.Point) (sum float64) {
	for _, point := range points {
		sum += point.Value
	}
	return sum
}

// working is a story that began within an hour, with an endpoint that has served ever since.
func working(t *testing.T, work Work, perSecond float64) *story {
	t.Helper()
	s := &story{t, New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, began.Add(17*time.Minute), 7)}
	s.no(s.AddEndpoint(EndpointSpec{
		Name: "e", Config: async("e", "ml.g5.xlarge", 4), Instances: 1, Work: work, Rate: constant(perSecond),
	}))
	return s
}

func TestLatencies_areWholeSoThatAnHourIsItsMinutes(t *testing.T) {
	s := working(t, Work{Service: 40 * time.Second, Download: 1234567 * time.Nanosecond, Upload: 7654321 * time.Nanosecond}, .04)
	s.after(5 * time.Hour)
	for _, name := range latencies {
		all := func(statistic string, period time.Duration, from, to time.Time) []fleet.Point {
			return s.Datapoints(workOf("e", name), statistic, period, from, to)
		}
		sums, counts := all("Sum", time.Minute, began, s.Now()), all("SampleCount", time.Minute, began, s.Now())
		least, most := all("Minimum", time.Minute, began, s.Now()), all("Maximum", time.Minute, began, s.Now())
		single := 0
		for i, sum := range sums {
			if sum.Value != math.Trunc(sum.Value) || most[i].Value != math.Trunc(most[i].Value) {
				t.Errorf("%s at %s: the sum is %v, the maximum %v", name, sum.At, sum.Value, most[i].Value)
			}
			if counts[i].Value == 1 {
				single++
				if least[i].Value != sum.Value || most[i].Value != sum.Value {
					t.Errorf("%s at %s: one sample of %v, from %v to %v", name, sum.At, sum.Value, least[i].Value, most[i].Value)
				}
			}
		}
		hours := all("Sum", time.Hour, began.AddDate(-1, 0, 0), s.Now())
		for _, hour := range hours {
			if minutes := sumOf(all("Sum", time.Minute, hour.At, hour.At.Add(time.Hour))); minutes != hour.Value {
				t.Errorf("%s at %s: the hour is %v, its minutes are %v", name, hour.At, hour.Value, minutes)
			}
		}
		if len(hours) != 6 || hours[0].At != began || single < 10 {
			t.Errorf("%s: %d hours, %d minutes with a single sample", name, len(hours), single)
		}
	}
}

// What is asked has one answer at a moment, whether the old minutes have been folded into hours or still wait for that.
func TestSeries_answerTheSameBeforeAndAfterFolding(t *testing.T) {
	s := working(t, Work{Service: 20 * time.Second}, .05)
	asked := []fleet.Metric{workOf("e", "ModelLatency"), workOf("e", "InvocationsProcessed"), fleet.Backlog.Query("e").Metric}
	periods := []time.Duration{time.Minute, 5 * time.Minute, 7 * time.Minute, 90 * time.Minute, time.Hour, 3 * time.Hour, 24 * time.Hour}
	answers := func() (all [][]fleet.Point) {
		for _, metric := range asked {
			for _, period := range periods {
				for _, statistic := range []string{"Sum", "Maximum", "Minimum", "SampleCount"} {
					all = append(all, s.Datapoints(metric, statistic, period, time.Time{}, s.Now()))
				}
			}
		}
		return all
	}
	s.after(29*time.Hour + 31*time.Minute)
	before := answers()
	for _, metric := range asked {
		of := s.metrics[keyOf(metric)]
		had := len(of.minutes.samples)
		of.fold(of.kept(s.minuteAt(s.Now()), false))
		if len(of.minutes.samples) == had {
			t.Errorf("nothing of %s was folded", metric.Name)
		}
	}
	for i, after := range answers() {
		if !reflect.DeepEqual(after, before[i]) || len(after) == 0 {
			t.Errorf("answer %d: %d datapoints before, %d after", i, len(before[i]), len(after))
		}
	}
}

func TestHours_ofWorkAreKeptForFortyDays(t *testing.T) {
	s := working(t, Work{Service: time.Second}, 0)
	const days, eachHour = 42, 3
	for range days * 24 {
		s.no(s.Invoke("e", eachHour))
		s.after(time.Hour)
	}
	s.after(5 * time.Minute)
	for _, statistic := range []string{"Sum", "SampleCount"} { // of a latency: there are as many samples as requests
		name := map[string]string{"Sum": "InvocationsProcessed", "SampleCount": "ModelLatency"}[statistic]
		hours := s.Datapoints(workOf("e", name), statistic, time.Hour, began.AddDate(-1, 0, 0), s.Now())
		if len(hours) != 40*24 {
			t.Errorf("%s: %d hours", name, len(hours))
		}
		for _, hour := range hours {
			if hour.Value != eachHour || hour.At.Minute() != 0 {
				t.Fatalf("%s at %s: %v", name, hour.At, hour.Value)
			}
		}
	}
	if hours := s.Datapoints(fleet.Backlog.Query("e").Metric, "Maximum", time.Hour, began, s.Now()); len(hours) != 27 {
		t.Errorf("%d hours of the queue", len(hours))
	}
	for _, of := range s.metrics {
		if held := len(of.minutes.samples) + len(of.hours.samples); held > 33*60+keepHours || !of.counts && len(of.hours.samples) > 0 {
			t.Errorf("%s holds %d minutes and %d hours", of.metric.Name, len(of.minutes.samples), len(of.hours.samples))
		}
	}
}

func TestHours_areWhatIsVisibleOfThem(t *testing.T) {
	s := working(t, Work{Service: 10 * time.Second}, .3)
	s.after(43 * time.Minute) // ten o'clock, when the hour's last minutes are not visible yet
	processed := workOf("e", "InvocationsProcessed")
	at := func(period time.Duration) float64 {
		return sumOf(s.Datapoints(processed, "Sum", period, began.AddDate(0, -1, 0), s.Now()))
	}
	early := at(time.Hour)
	if early == 0 || early != at(time.Minute) || early >= sumOf(s.Published(processed, "Sum", began, s.Now())) {
		t.Errorf("the hour is %v, its visible minutes are %v", early, at(time.Minute))
	}
	s.after(5 * time.Minute)
	first := s.Datapoints(processed, "Sum", time.Hour, began, began.Add(time.Hour))
	if want := sumOf(s.Published(processed, "Sum", began, began.Add(time.Hour))); len(first) != 1 || first[0].Value != want || want <= early {
		t.Errorf("later it is %v, want %v", first, want)
	}
}
