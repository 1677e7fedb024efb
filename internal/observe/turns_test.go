package observe

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// waiting are n endpoints that were described in the first turn, at noon.
func waiting(n int) []candidate {
	list := make([]candidate, n)
	for i := range list {
		list[i] = candidate{name: fmt.Sprintf("e%04d", i), describedAt: noon, asked: 1}
	}
	return list
}

// answer describes the chosen ones.
func answer(list []candidate, chosen []string, at time.Time, turn uint64) {
	for i := range list {
		if slices.Contains(chosen, list[i].name) {
			list[i].describedAt, list[i].asked = at, turn
		}
	}
}

func TestChoose_asManyAsLetEachHaveItsTurn(t *testing.T) {
	for _, row := range []struct {
		rest     int
		interval time.Duration
		want     int
	}{
		{0, time.Minute, 0},
		{1, time.Minute, 1},
		{54, time.Minute, 1},
		{55, time.Minute, 2},
		{5000, time.Minute, 93},
		{5000, 10 * time.Second, 16},
		{54, 27 * time.Minute, 27},
		{54, time.Hour, 54},      // the next turn would be too late
		{54, 24 * time.Hour, 54}, // and so it is where they are asked seldom
	} {
		got := choose(waiting(row.rest), noon.Add(row.interval), row.interval)
		equal(t, fmt.Sprint(row.rest, " each ", row.interval), len(got), row.want)
	}
}

func TestChoose_thoseThatCannotWaitAreNotCounted(t *testing.T) {
	list := waiting(40)
	for i := range 30 {
		list[i].moves = true
	}
	equal(t, "30 that move and one of the rest", len(choose(list, noon.Add(time.Minute), time.Minute)), 31)
	equal(t, "a minute before the hour", len(choose(waiting(40), noon.Add(59*time.Minute), time.Minute)), 1)
	equal(t, "no turn is left", len(choose(waiting(40), noon.Add(59*time.Minute+1), time.Minute)), 40)
}

func TestChoose_askedLongestAgoComeFirst(t *testing.T) {
	at := noon.Add(5 * time.Minute)
	equalLists(t, "chosen", choose([]candidate{
		{name: "failed just now", moves: true, asked: 5},
		{name: "b", describedAt: noon.Add(time.Minute), asked: 2},
		{name: "c", describedAt: noon, asked: 1},
		{name: "moves", moves: true, describedAt: noon, asked: 4},
		{name: "a", describedAt: noon, asked: 1},
		{name: "new"},
	}, at, time.Minute), "new", "a", "moves", "failed just now")
}

// However the clock is set, everybody's turn comes.
func TestChoose_aClockThatJumpsStarvesNobody(t *testing.T) {
	for _, jump := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		list, at, turn := waiting(600), noon, uint64(1)
		for range 30 {
			at, turn = at.Add(time.Minute), turn+1
			answer(list, choose(list, at, time.Minute), at, turn)
		}
		at = at.Add(jump)
		jumped := turn
		for range 60 {
			at, turn = at.Add(time.Minute), turn+1
			answer(list, choose(list, at, time.Minute), at, turn)
		}
		for _, c := range list {
			if c.asked <= jumped {
				t.Fatalf("%s was not described in the hour after a jump of %s", c.name, jump)
			}
		}
	}
}

func TestChoose_isTheSameInEveryOrder(t *testing.T) {
	list := waiting(200)
	want := choose(list, noon.Add(time.Minute), time.Minute)
	slices.Reverse(list)
	equalLists(t, "chosen", choose(list, noon.Add(time.Minute), time.Minute), want...)
}

// fleetOf adds idle endpoints, every second one of them asynchronous.
func (c *cloud) fleetOf(n int) {
	for i := range n {
		name := fmt.Sprintf("e%04d", i)
		if i%2 == 0 {
			c.async(name, 0)
		} else {
			c.realTime(name)
		}
	}
}

func (c *cloud) realTime(name string) {
	c.add(name, fleet.EndpointConfig{
		Name: name + "-config", Variants: []fleet.VariantConfig{{Name: "v", ModelName: "m"}},
	}, 1)
}

// calls are those that endpoints cost; the list has a call for each hundred.
func (c *cloud) calls() int {
	return c.asked["ListEndpoints"]*((len(c.endpoints)+99)/100) + c.asked["DescribeEndpoint"] + c.asked["DescribeEndpointConfig"]
}

// eldest is the age of the oldest description.
func (w *world) eldest() (age time.Duration) {
	for _, known := range w.endpoints() {
		age = max(age, w.at.Sub(known.describedAt))
	}
	return age
}

func (w *world) endpoints() endpointMemory { return w.Observer.endpoints }

// A fleet at rest costs few calls in every turn but the first, and no description becomes older than an hour. The turns
// come late, and some fail.
func TestTurns_ofFiveThousandIdleEndpoints(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.fleetOf(5000)
	w.ask(fleet.SourceEndpoints)
	most, turns := 0, 3*60
	if testing.Short() { // more than an hour, after which the first are old
		turns = 75
	}
	for turn := range turns {
		w.at = w.at.Add(time.Minute + time.Duration(turn%3)*time.Second)
		if age := w.eldest(); age > time.Hour {
			t.Fatalf("turn %d: a description is %s old", turn, age)
		}
		if turn%50 == 25 {
			w.fail["ListEndpoints"] = errThrottled
		} else {
			delete(w.fail, "ListEndpoints")
		}
		before := w.calls()
		w.ask(fleet.SourceEndpoints)
		most = max(most, w.calls()-before)
	}
	if most > 150 {
		t.Errorf("%d calls in one turn", most)
	}
	equal(t, "endpoints shown", len(w.Snapshot().Endpoints), 2500)
}

// slow takes a second to describe an endpoint.
type slow struct{ *cloud }

func (s slow) DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	select {
	case <-ctx.Done():
		return fleet.EndpointDescription{}, ctx.Err()
	case <-time.After(time.Second):
		return s.cloud.DescribeEndpoint(ctx, name)
	}
}

func TestTurns_thatAreCutShortStarveNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &cloud{})
		for i := range 400 {
			name := fmt.Sprintf("e%04d", i)
			w.async(name, 0)
			w.change(name, inStatus("Updating")) // all of them are described in each turn, if it has the time
		}
		w.aws.Endpoints = slow{w.cloud}
		for turn := range 12 {
			ctx, cancel := context.WithTimeout(t.Context(), 12500*time.Millisecond)
			w.Learn(w.Question(fleet.SourceEndpoints)(ctx))
			cancel()
			equal(t, fmt.Sprint("known after turn ", turn), len(w.endpoints()), min(400, 12*fanOut*(turn+1)))
			if age := w.eldest(); age > 4*time.Minute {
				t.Errorf("turn %d: a description is %s old", turn, age)
			}
			w.at = w.at.Add(time.Minute)
		}
	})
}

func TestTurns_endpointsThatAlwaysFailHoldUpNoOther(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.fleetOf(100)
	for i := range 4 * hopeless { // these would be the first of the list
		w.fail[fmt.Sprintf("DescribeEndpoint e%04d", i)] = errThrottled
	}
	for range 6 {
		w.ask(fleet.SourceEndpoints)
		w.at = w.at.Add(time.Minute)
	}
	equal(t, "known", len(w.endpoints()), 100-4*hopeless)
}

func TestTurns_aQuestionThatFailedIsDueAgain(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.fleetOf(100)
	w.ask(fleet.SourceEndpoints)
	w.fail["DescribeEndpoint e0000"] = errThrottled // whose turn it is
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceEndpoints)
	equal(t, "source", w.source(fleet.SourceEndpoints).Err, "1 of 2 failed, the first: throttled")
	delete(w.fail, "DescribeEndpoint e0000")
	w.at = w.at.Add(time.Minute)
	w.ask(fleet.SourceEndpoints)
	equal(t, "described", w.endpoints()["e0000"].describedAt, w.at)
}
