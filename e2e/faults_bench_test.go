//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

const (
	// faultSpeed is that of the clock of exporter and AWS: a turn takes three seconds.
	faultSpeed = 20
	// slowSpeed is that where answers are waited for: the exporter's patience is measured on the machine's clock.
	slowSpeed = 5
	// faultPatience guards against hanging: an operation that is not answered takes the exporter a minute or more, and a
	// source may be asked twice before something shows.
	faultPatience = 5 * time.Minute
	// quiet is after how long without a request to AWS nothing more is to come: each source is due each minute of a clock
	// that is faster than the machine's, and an attempt that is not answered ends after 15 seconds.
	quiet = time.Minute
	// enoughTurns is how often a source may be read while something is waited for that a turn or two bring: after so many
	// it does not come any more. On this clock they take two minutes, on a busy machine longer.
	enoughTurns = 40
	// enoughLooks see all that comes and goes within a turn.
	enoughLooks = 25
	// faultFile makes each source due each minute, and what was known too old after six.
	faultFile = `discovery: {tagLabels: [team]}
polling: {queue: 1m, metrics: 1m, instances: 1m, scaling: 1m, tags: 1m, maxStaleness: %s}
`
)

// faultBench is one operation of an AWS of its own, and the exporter that observes it.
type faultBench struct {
	*testing.T
	operation awsapi.Operation
	name      string
	faulty
	aws   *awssim.Server
	speed float64 // of its clock
	flags []string
	e     *exporter
	began time.Time // of the world

	page     string
	members  []member           // endpoints that may be broken, each once
	used     int                // of them
	counted  time.Time          // the minute up to which the counters were the truth
	families map[string]bool    // of a healthy page
	level    map[string]float64 // goroutines and descriptors of the healthy exporter
	failed   int                // requests, since the level was taken
}

func newFaultBench(t *testing.T, operation awsapi.Operation, speed float64) *faultBench {
	t.Helper()
	b := newFaultWorld(t, speed)
	b.operation, b.name, b.faulty = operation, nameOf(operation), faulties[nameOf(operation)]
	b.run(b.aws.URL())
	b.healthy()
	b.hold()
	return b
}

// newFaultWorld is a bench without an exporter.
func newFaultWorld(t *testing.T, speed float64) *faultBench {
	t.Helper()
	at := time.Now()
	clock := fleet.Clock{Machine: at, Shown: time.Date(2026, 3, 20, 12, 10, 0, 0, time.UTC), Speed: speed}
	b := &faultBench{
		T: t, speed: speed, families: map[string]bool{}, began: clock.Shown.Add(-time.Hour), level: map[string]float64{},
	}
	world := sim.New(fleet.Scope{AccountID: "111122223333", Region: region}, b.began, 1)
	must(t, world.AddEndpoint(busyEndpoint()))
	for i := range len(ways) {
		b.members = append(b.members, member{role: plain, name: fmt.Sprintf("%s-%02d", plain, 7*i+1), variants: []string{"AllTraffic"}})
	}
	settle(t, world, b.members)
	world.Advance(clock.Shown)
	aws, err := awssim.Start(awssim.Options{Clock: clock}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	b.aws = aws
	return b
}

// run starts the exporter, which finds AWS and its clock at that address.
func (b *faultBench) run(url string) {
	b.Helper()
	// A write that is not answered holds up what it rests on, and the search for units what else is counted, for longer
	// than a minute of the machine's, which is much on this clock.
	staleness := "6m"
	if b.when == writing || b.when == newProcess {
		staleness = "2h"
	}
	file := filepath.Join(b.TempDir(), "config.yml")
	must(b.T, os.WriteFile(file, fmt.Appendf(nil, faultFile, staleness), 0o600))
	b.flags = []string{"--demo", "--demo.aws=" + url, "--config.file=" + file, "--reconcile", "--reconcile.endpoints=plain-.*"}
	b.e = beginProgram(b.T, patient(), nil, b.flags...)
	b.e.ready()
}

// busyEndpoint does work of which every counter counts.
func busyEndpoint() sim.EndpointSpec {
	concurrency := 4
	return sim.EndpointSpec{
		Name: "busy", Instances: 2, Tags: map[string]string{"team": "speech"},
		Config: fleet.EndpointConfig{
			Name: "busy-config", Async: &fleet.AsyncConfig{
				MaxConcurrentInvocationsPerInstance: &concurrency, S3OutputPath: "s3://results/", S3FailurePath: "s3://failed/",
			},
			Variants: []fleet.VariantConfig{{Name: "AllTraffic", InstanceType: "ml.g5.xlarge", ModelName: "model"}},
		},
		Work: sim.Work{
			Service: 8 * time.Second, Download: time.Second, Upload: time.Second, ErrorRate: .05, ClientRate: .05,
			DownloadFailureRate: .05, UploadFailureRate: .05, NotificationFailureRate: .05,
		},
		Rate: func(time.Duration) float64 { return .5 },
	}
}

// until looks at the page until nothing is wrong with it any more. It gives up when nothing can change any more: the exporter
// has ended, it asks AWS for nothing, or it has gone round too often.
func (b *faultBench) until(what string, wrong func() error) {
	b.Helper()
	b.within(enoughTurns, b.requests, what, wrong)
}

// requests are all that AWS was sent since they were counted anew.
func (b *faultBench) requests() int { return total(b.aws.Calls()) }

// ofOperation are those of the operation that goes wrong.
func (b *faultBench) ofOperation() int { return b.aws.Calls()[b.name] }

// within is until for so many turns, and while there are more such requests; 0 turns are for what bounds itself.
func (b *faultBench) within(most int, requests func() int, what string, wrong func() error) {
	b.Helper()
	asked, at := 0, time.Now()
	turns, last := map[string]int{}, map[string]float64{}
	b.e.eventually(b.name+": "+what, faultPatience, func() error {
		time.Sleep(100 * time.Millisecond)
		page, err := b.e.get("/metrics", "Accept-Encoding", "identity")
		if err != nil {
			return err
		}
		b.page = page
		if err = wrong(); err == nil {
			return nil
		}
		if now := requests(); now != asked {
			asked, at = now, time.Now()
		} else if time.Since(at) > quiet {
			return impossible{fmt.Errorf("AWS was not asked for %s: %w", quiet, err)}
		}
		for source, success := range successes(page) {
			if success != last[source] {
				last[source], turns[source] = success, turns[source]+1
			}
			if most > 0 && turns[source] > most {
				return impossible{fmt.Errorf("%s was read %d times meanwhile: %w", source, most, err)}
			}
		}
		return err
	})
}

// down lists the sources that are down.
func (b *faultBench) down() (sources []string) { return downOn(b.page) }

func downOn(page string) (sources []string) {
	for line := range strings.Lines(family(page, "sagemaker_async_exporter_source_up")) {
		if strings.HasSuffix(strings.TrimSpace(line), " 0") {
			sources = append(sources, label(line, "source"))
		}
	}
	return sources
}

// successes are when each source last worked.
func successes(page string) map[string]float64 {
	at := map[string]float64{}
	for line := range strings.Lines(family(page, "sagemaker_async_exporter_source_last_success_timestamp_seconds")) {
		at[label(line, "source")] = value(line, "sagemaker_async_")
	}
	delete(at, "")
	return at
}

// healthy waits until everything is up, nothing differs from its policy and all counters are the truth.
func (b *faultBench) healthy() {
	b.Helper()
	b.until("healthy", func() error {
		if down := b.down(); len(down) > 0 || value(b.page, "sagemaker_async_up{") != 1 {
			return fmt.Errorf("down: %v; its log: %s", down, lastLines(b.e.log.String(), 2))
		}
		if steps := sum(b.page, "sagemaker_async_plan_steps{") + sum(b.page, "sagemaker_async_plan_steps_withheld{"); steps > 0 {
			return fmt.Errorf("%v steps are planned or withheld", steps)
		}
		return b.count()
	})
	maps.Copy(b.families, familiesOn(b.page))
}

// count compares the counters with what was published. They go on, and lose and gain nothing.
func (b *faultBench) count() error {
	values := map[string]float64{}
	for _, total := range totals {
		begin := `sagemaker_async_` + total.series + `{account_id="111122223333",endpoint_name="busy",`
		if count(b.page, begin) != 1 {
			return fmt.Errorf("busy has no %s", total.series)
		}
		values[total.series] = value(b.page, begin)
	}
	minute, ok := minuteIn(b.aws, b.began, "busy/AllTraffic", values)
	if !ok || !minute.After(b.counted) {
		return fmt.Errorf("the counters are those of %s, and were those of %s: %v", minute, b.counted, values)
	}
	b.counted = minute
	return nil
}

// minuteIn is the minute, as late as can be, up to which all totals of a variant are those that were published.
func minuteIn(aws *awssim.Server, world time.Time, variant string, values map[string]float64) (time.Time, bool) {
	for end := clockOf(aws).Truncate(time.Minute); end.After(world); end = end.Add(-time.Minute) {
		equal := true
		for series, sum := range truth(aws, variant, world, end) {
			equal = equal && equalTotals(values[series], sum)
		}
		if equal {
			return end, true
		}
	}
	return time.Time{}, false
}

// ofNoMinute are the totals of a variant that are not what was published up to any minute, at most so many back. Each is
// looked at by itself: where the newest minutes are read before all of their metrics are there, one counter is ahead of
// another.
func ofNoMinute(aws *awssim.Server, variant string, world time.Time, shown map[string]float64, back ...int) map[string]float64 {
	open, first := maps.Clone(shown), world
	now := clockOf(aws).Truncate(time.Minute)
	if len(back) > 0 {
		first = now.Add(-time.Duration(back[0]) * time.Minute)
	}
	for end := now; len(open) > 0 && end.After(first); end = end.Add(-time.Minute) {
		sums := truth(aws, variant, world, end)
		maps.DeleteFunc(open, func(series string, v float64) bool { return equalTotals(v, sums[series]) })
	}
	return open
}

// equalTotals leaves room for how a page writes a number, and for the margin of whole hours.
func equalTotals(shown, published float64) bool {
	return math.Abs(shown-published) <= 1e-9*math.Max(1, published)
}

// familiesOn are the metrics of endpoints that have series.
func familiesOn(page string) map[string]bool {
	found := map[string]bool{}
	for line := range strings.Lines(page) {
		if name, _, ok := strings.Cut(line, "{"); ok && strings.HasPrefix(line, "sagemaker_async_") {
			found[trimSeries(name)] = true
		}
	}
	return found
}

func trimSeries(name string) string {
	for _, end := range []string{"_bucket", "_sum", "_count"} {
		name = strings.TrimSuffix(name, end)
	}
	return strings.TrimPrefix(name, "sagemaker_async_")
}

// counts tells whether the metric counts work done.
func counts(family string) bool {
	for _, total := range totals {
		if trimSeries(total.series) == family {
			return true
		}
	}
	return false
}

// missing are the metrics that the healthy exporter has, and that none of many looks at this one finds: some come and go
// by themselves.
func (b *faultBench) missing() []string {
	b.Helper()
	gone, looks := maps.Clone(b.families), 0
	maps.DeleteFunc(gone, func(name string, _ bool) bool { // by chance they were there, or not yet
		return begins.MatchString("sagemaker_async_"+name) || name == "plan_steps_withheld" // of a busy machine a step waits now and then
	})
	b.within(0, b.requests, "looked at", func() error {
		now := familiesOn(b.page)
		maps.DeleteFunc(gone, func(name string, _ bool) bool { return now[name] })
		if looks++; looks < enoughLooks {
			return errors.New("not looked at often enough")
		}
		return nil
	})
	return slices.Sorted(maps.Keys(gone))
}

// strike breaks an endpoint that is whole, and returns whether it is whole again.
func (b *faultBench) strike(name string) (whole func() error) {
	b.Helper()
	m := b.members[b.used]
	b.used++
	i := slices.IndexFunc(deeds, func(d deed) bool { return d.name == name })
	if i < 0 {
		b.Fatalf("nobody knows how to break %s", name)
	}
	b.aws.Do(region, func(w *sim.World) {
		if !deeds[i].do(w, m, fleet.ResourceID(m.name, "AllTraffic")) {
			b.Fatalf("%s has nothing to break by %s", m.name, name)
		}
	})
	return func() error {
		if got := scalingOf(b.aws, m.name).text(); got != documented(m.name, "AllTraffic").text() {
			return fmt.Errorf("%s is not as documented", m.name)
		}
		return nil
	}
}

// try makes the operation go wrong in one way, and says what was seen.
func (b *faultBench) try(w way) seen {
	b.Helper()
	began, logged := time.Now(), len(b.e.log.String()) // before the calls are counted: a longer time allows more of them
	b.aws.ResetCalls()
	defer func() {
		b.aws.SetFault(b.name, awssim.Fault{})
		calls := b.aws.Calls()[b.name]
		most := b.operation.Most(time.Duration(float64(time.Since(began)) * b.speed)) // after they were counted, for the same reason
		if calls > most {
			b.Errorf("%s: %d requests, at most %d are allowed", w.name, calls, most)
		}
	}()
	if b.when == newProcess || b.when == newView {
		must(b.T, b.e.stop())
		logged, b.failed = 0, 0
	}
	b.aws.SetFault(b.name, w.fault)
	var found seen
	whole := b.provoke(w)
	switch {
	case b.when == writing:
		found = b.tryWriting(w, whole)
	case w.passes:
		found = b.tryPassing(w)
	case b.when == optional || b.when == newRules || b.when == newView:
		found = b.tryOptional(w)
	default:
		found = b.tryLasting(w, logged)
	}
	if !w.passes {
		b.failed += b.aws.Calls()[b.name] - 1 // it may have been over just before the last
	}
	b.aws.SetFault(b.name, awssim.Fault{})
	if whole != nil {
		b.until("fixed after "+w.name, whole)
	}
	b.healthy()
	found.says = saidOf(b.e.log.String()[logged:])
	if w.fault.Break == awssim.SlowDrip { // the exporter hangs up: what of the answer it had read by then says how
		found.says = strings.Replace(found.says, "the connection to AWS broke in the middle of an answer", "no answer from AWS in time", 1)
	}
	return found
}

// provoke makes the exporter call the operation, where it does not do so in each turn.
func (b *faultBench) provoke(w way) (whole func() error) {
	b.Helper()
	switch b.when {
	case newConfigs:
		spec := busyEndpoint()
		spec.Name = "new-" + strings.ReplaceAll(w.name, " ", "-")
		spec.Config.Name, spec.Instances, spec.Rate = spec.Name+"-config", 0, nil
		b.aws.Do(region, func(w *sim.World) { must(b.T, w.AddEndpoint(spec)) })
	case newProcess, newView:
		b.e = beginProgram(b.T, patient(), nil, b.flags...)
	case newRules:
		b.aws.Do(region, func(w *sim.World) {
			must(b.T, w.PutAlarmMuteRule(fleet.MuteRule{
				Name: "nobody's", Alarms: []string{"nobody"}, Expression: "cron(0 0 * * *)", Duration: "PT1H",
			}))
		})
	case writing:
		return b.strike(map[string]string{
			"RegisterScalableTarget": "minimum", "PutScalingPolicy": "bounds", "PutMetricAlarm": "threshold",
		}[b.operation.Name])
	}
	return nil
}

// tryPassing waits until the fault is over; no source may be seen down.
func (b *faultBench) tryPassing(w way) seen {
	b.Helper()
	b.until("over "+w.name, func() error {
		if down := b.down(); len(down) > 0 && b.when != newProcess && b.when != newView {
			b.Fatalf("%s: down: %v", w.name, down)
		}
		if b.aws.HasFault(b.name) {
			return errors.New("nothing has gone wrong yet")
		}
		return nil
	})
	if w.fault.Break == awssim.EmptyPage {
		return seen{what: "nothing: the next page has what is there"}
	}
	return seen{what: "nothing: it is asked again at once"}
}

// tryLasting waits until the source is down, and makes sure that it alone is.
func (b *faultBench) tryLasting(w way, logged int) seen {
	b.Helper()
	// Each question is repeated before it counts as failed, by the machine's clock: other sources are read often meanwhile.
	b.within(0, b.ofOperation, "down by "+w.name, func() error {
		if !slices.Contains(b.down(), b.source) {
			return fmt.Errorf("%s is up", b.source)
		}
		if saidOf(b.e.log.String()[logged:]) == "" { // too old already, and still being asked
			return errors.New("the log says nothing")
		}
		return nil
	})
	writes := len(b.aws.Writes())
	whole, before := b.strike(deedBeside(b.source)), successes(b.page)
	b.until("fresh beside "+w.name, func() error {
		for source, at := range successes(b.page) {
			if source != b.source && at < before[source]+2*60 {
				return fmt.Errorf("%s has not been asked often enough", source)
			}
		}
		return nil
	})
	b.until("down alone by "+w.name, func() error {
		if down := b.down(); !slices.Equal(down, []string{b.source}) || value(b.page, "sagemaker_async_up{") != 0 {
			return fmt.Errorf("down: %v; up is %v", down, value(b.page, "sagemaker_async_up{"))
		}
		return nil
	})
	words := []string{"`" + b.source + "` is down"}
	switch {
	case b.when == newConfigs: // of the other endpoints everything is known
		b.until("written beside "+w.name, whole)
		words = append(words, "the endpoint is absent; writes to others go on")
	case b.isGround():
		if sent := b.aws.Writes()[writes:]; len(sent) > 0 {
			b.Errorf("%s: written on a partial view: %v", w.name, sent)
		}
		words = append(words, "nothing is written")
	default:
		b.until("written beside "+w.name, whole)
		words = append(words, "writes go on")
	}
	switch {
	case w.lasts && b.when == newProcess:
		// How much is done a minute may be known by then or not.
		unknown := slices.DeleteFunc(b.missing(), func(name string) bool { return name == "estimated_drain_seconds" })
		words = append(words, "absent, for they were never known: "+listed(unknown))
	case w.lasts:
		b.untilTooOld()
		gone := b.missing()
		if b.source == "metrics" {
			// Each counter is too old by itself, some minutes sooner or later than the queue.
			gone = slices.DeleteFunc(gone, counts)
			words = append(words, "counters disappear when each is too old")
		}
		words = append(words, "absent once it is too old: "+listed(gone))
	}
	defer func() {
		b.aws.SetFault(b.name, awssim.Fault{})
		b.until("written after "+w.name, whole)
	}()
	return seen{what: strings.Join(words, "; ")}
}

// tryOptional makes sure that the operation is called in vain, and that everything goes on beside it.
func (b *faultBench) tryOptional(w way) seen {
	b.Helper()
	if b.when == newView {
		b.e.ready()
	}
	whole, before := b.strike(deedBeside("")), successes(b.page)
	b.until("fresh beside "+w.name, func() error {
		if down := b.down(); len(down) > 0 { // an answer may be late on a hurried clock; what the fault takes down stays down
			return fmt.Errorf("down: %v", down)
		}
		for source, at := range successes(b.page) {
			if at < before[source]+2*60 {
				return fmt.Errorf("%s has not been asked often enough", source)
			}
		}
		if b.aws.Calls()[b.name] == 0 {
			return errors.New("nothing has gone wrong yet")
		}
		return nil
	})
	b.until("written beside "+w.name, whole)
	if b.when == newView {
		return seen{what: "nothing: the first endpoints to be described are any; no source is down"}
	}
	return seen{what: "nothing: alarms are read without their mute rules; no source is down"}
}

// deedBeside breaks what can be seen without the source, and so might be written. None of them moves an instance: while
// one starts nothing is written anyway.
func deedBeside(source string) string {
	if source == "alarms" {
		return "bounds"
	}
	return "threshold"
}

// untilTooOld waits until what the source said last may not be shown.
func (b *faultBench) untilTooOld() {
	b.Helper()
	last := successes(b.page)[b.source]
	b.until("too old", func() error {
		if now := clockOf(b.aws); now.Before(time.Unix(int64(last), 0).Add(10 * time.Minute)) {
			return fmt.Errorf("it is %s", now)
		}
		return nil
	})
}

func listed(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	for i := range names {
		names[i] = "`" + names[i] + "`"
	}
	return strings.Join(names, ", ")
}

// tryWriting waits until a step has failed, or has been carried out in spite of the fault.
func (b *faultBench) tryWriting(w way, whole func() error) seen {
	b.Helper()
	steps := func(outcome string) (n float64) {
		for line := range strings.Lines(family(b.page, "sagemaker_async_reconcile_steps_total")) {
			if label(line, "outcome") == outcome {
				n += value(line, "sagemaker_async_")
			}
		}
		return n
	}
	failed, applied := steps("failed"), steps("applied")
	b.until("tried in spite of "+w.name, func() error {
		if steps("failed") == failed && steps("applied") == applied {
			return errors.New("no step has ended")
		}
		return nil
	})
	if down := b.down(); len(down) > 0 {
		b.Errorf("%s: down: %v", w.name, down)
	}
	switch {
	case steps("failed") == failed:
		return seen{what: "nothing: it is read and written again"}
	case whole() == nil:
		return seen{what: "the step counts as failed; AWS has done it, and the next round sees that"}
	}
	return seen{what: "the step fails, and is tried again in the next round; no source is down"}
}

var (
	logSource = regexp.MustCompile(`during=(\S+)(?:.* step="[^"]*")?.* err=("(?:[^"\\]|\\.)*"|\S+)`)
	// logNames are what differs from run to run: addresses, how many of how many, and which came first.
	logNames = []struct {
		found *regexp.Regexp
		said  string
	}{
		{regexp.MustCompile(`^listing the tags of \S+: (cannot reach )`), "$1"}, // or another operation, whichever is first
		{regexp.MustCompile(`(?:http://)?127\.0\.0\.1:\d+`), "AWS"},
		{regexp.MustCompile(`\d+ of \d+ failed, the first: `), "N of N failed, the first: "},
		{regexp.MustCompile(`\d+ of \d+ series are not complete \([^)]*\)`), "N of N series are not complete (...)"},
		{regexp.MustCompile(`(?:arn:aws:sagemaker:[a-z0-9-]*:\d*:endpoint/)?(?:plain-\d+|new-[a-z0-9-]+|busy)(?:-config)?\b`), "NAME"},
	}
)

// saidOf is the error that the log names, in words that are the same in each run.
func saidOf(log string) string {
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "level=warn") && !strings.Contains(line, "level=error") {
			continue
		}
		if found := logSource.FindStringSubmatch(line); found != nil {
			said := strings.Trim(found[2], `"`)
			for _, name := range logNames {
				said = name.found.ReplaceAllString(said, name.said)
			}
			return said
		}
	}
	return ""
}

// hold notes what the healthy exporter shows and holds.
func (b *faultBench) hold() {
	b.Helper()
	looks := 0
	b.level = b.lowest(func() bool {
		maps.Copy(b.families, familiesOn(b.page))
		looks++
		return looks >= enoughLooks
	})
}
