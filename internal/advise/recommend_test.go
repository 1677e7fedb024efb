package advise

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// found are estimates of a busy endpoint: 4 at a time, 30 seconds each, 720 requests in an hour, 10 minutes to scale out.
func found() Estimates {
	return Estimates{
		Service: Estimate{Value: 30, Error: 1, Spread: 10, Samples: 720}, Concurrency: Estimate{Value: 4}, Throughput: Estimate{Value: 4. / 30},
		Arrivals: Arrivals{
			Rate:    Estimate{Value: .2, Samples: 720},
			Windows: []Window{{2 * time.Minute, 40}, {tenMinutes, 150}, {time.Hour, 720}},
		},
		Provisioning: durations([]time.Duration{4 * time.Minute, 3*time.Minute + 30*time.Second}, ""), Observed: time.Hour,
	}
}

func recommended(t *testing.T, e Estimates, w Wish) (latency, cost Choice) {
	t.Helper()
	choices, err := Recommend(e, w)
	if err != nil || len(choices) != 2 || choices[0].Name != "latency-first" || choices[1].Name != "cost-first" {
		t.Fatalf("%+v, %v", choices, err)
	}
	return choices[0], choices[1]
}

func TestRecommend_targetValueIsTheShareOfTheBudget(t *testing.T) {
	latency, cost := recommended(t, found(), Wish{Latency: time.Hour})
	// The queue grows for 3 + 3 + 4 minutes before a scale-out has an effect.
	if want := math.Floor(.7 * 4 * 3000 / 30); latency.TargetValue != want {
		t.Errorf("latency first: %g, want %g", latency.TargetValue, want)
	}
	if want := math.Floor(.8 * 4 * 3600 / 30); cost.TargetValue != want {
		t.Errorf("cost first: %g, want %g", cost.TargetValue, want)
	}
	latency, cost = recommended(t, found(), Wish{Latency: 10 * time.Minute})
	if latency.TargetValue != 4.4 || !strings.Contains(latency.Reasons[0], "more than the budget") {
		t.Errorf("latency first, when instances come too late: %g: %s", latency.TargetValue, latency.Reasons[0])
	}
	if cost.TargetValue != 64 {
		t.Errorf("cost first: %g", cost.TargetValue)
	}
	_, cost = recommended(t, found(), Wish{Latency: 35 * time.Second})
	if cost.TargetValue != 4.4 || !strings.Contains(cost.Reasons[0], "scaled out for nothing") {
		t.Errorf("a budget of little more than the service time: %g: %s", cost.TargetValue, cost.Reasons[0])
	}
	if _, err := Recommend(found(), Wish{Latency: 30 * time.Second}); err == nil {
		t.Error("requests that take 30 seconds cannot end within 30")
	}
}

// The check and the advice are one opinion.
func TestRecommend_saysWhereTheCheckWouldFail(t *testing.T) {
	for _, minutes := range []int{1, 5, 12, 20, 60, 300} {
		for _, c := range []float64{1, 2, 4, 7, 10} {
			e := found()
			e.Concurrency.Value = c
			choices, err := Recommend(e, Wish{Latency: time.Duration(minutes) * time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			for _, choice := range choices {
				removes := choice.TargetValue > autoscaling.FullTarget(int(c))
				if said := strings.Contains(choice.Reasons[0], "that never does"); said != removes {
					t.Errorf("%d minutes, %g at once: %g removes busy instances: %t; %s", minutes, c, choice.TargetValue, removes, choice.Reasons[0])
				}
				if full := autoscaling.FullTarget(int(c)); removes && choice.TargetValue < 3*full || !removes && choice.TargetValue != full {
					t.Errorf("%d minutes, %g at once: %g", minutes, c, choice.TargetValue)
				}
			}
		}
	}
}

func TestRecommend_wakeIsTakenOffTheBudgetOrNeedsAnInstance(t *testing.T) {
	e := found()
	e.Idle = 3 * time.Hour
	e.Wakes = durations([]time.Duration{8 * time.Minute, 9 * time.Minute}, "")
	for _, test := range []struct {
		minutes       int
		latency, cost int // minimum
		target        float64
	}{
		{9, 1, 1, math.Floor(.8 * 4 * 540 / 30)},
		{10, 1, 0, 4.4}, // .8 x 4 x 60 / 30 = 6.4
		{17, 1, 0, math.Floor(.8 * 4 * 480 / 30)},
		{18, 0, 0, math.Floor(.8 * 4 * 540 / 30)},
	} {
		latency, cost := recommended(t, e, Wish{Latency: time.Duration(test.minutes) * time.Minute, Price: 1.5})
		if latency.MinCapacity != test.latency || cost.MinCapacity != test.cost || cost.TargetValue != test.target {
			t.Errorf("%d minutes: latency first %d, cost first %d with %g, want %+v", test.minutes, latency.MinCapacity, cost.MinCapacity, cost.TargetValue, test)
		}
		if test.latency == 1 && !strings.Contains(latency.Reasons[1], "$1080 a month") {
			t.Errorf("%d minutes: %s", test.minutes, latency.Reasons[1])
		}
	}
	e.Wakes, e.Provisioning = Durations{}, Durations{}
	if _, cost := recommended(t, e, Wish{Latency: 15 * time.Minute}); cost.MinCapacity != 1 || !strings.Contains(cost.Reasons[1], "none was seen") {
		t.Errorf("a wake that was never seen: %d, %s", cost.MinCapacity, cost.Reasons[1])
	}
	e.Idle = 14 * time.Minute
	if _, cost := recommended(t, e, Wish{Latency: 5 * time.Minute}); cost.MinCapacity != 0 || cost.TargetValue != 32 {
		t.Errorf("who never sleeps needs no wake: %+v", cost)
	}
}

func TestRecommend_maximumDoesThePeakAndEveryBurst(t *testing.T) {
	for _, test := range []struct {
		name    string
		windows []Window
		minutes int
		n       int
	}{
		{"an hour with head-room", []Window{{time.Hour, 720}}, 60, 2},                       // 0.2 / s x 30 s / 4 x 1.25 = 1.9
		{"a burst and a budget", []Window{{2 * time.Minute, 600}, {time.Hour, 720}}, 30, 4}, // 600 x 30 / 4 within 2 + 29.5 - 10 minutes
		{"a burst and no time", []Window{{2 * time.Minute, 600}, {time.Hour, 720}}, 5, 12},  // within 2 + 4.5 minutes: too late for new ones
		{"nearly nothing", []Window{{time.Hour, 1}}, 60, 1},
	} {
		e := found()
		e.Arrivals.Windows = test.windows
		_, cost := recommended(t, e, Wish{Latency: time.Duration(test.minutes) * time.Minute})
		if cost.MaxCapacity != test.n {
			t.Errorf("%s: %d, want %d: %s", test.name, cost.MaxCapacity, test.n, cost.Reasons[2])
		}
		if late := strings.Contains(cost.Reasons[2], "too late for it"); late != (test.minutes == 5) {
			t.Errorf("%s: %s", test.name, cost.Reasons[2])
		}
	}
	e := found()
	e.Arrivals.Windows = []Window{{time.Hour, 3600}}
	if _, cost := recommended(t, e, Wish{Latency: time.Hour, Variants: 3}); cost.MaxCapacity != 4 { // 9.4 instances
		t.Errorf("of each of three variants %d", cost.MaxCapacity)
	}
	e.Arrivals = Arrivals{}
	if _, cost := recommended(t, e, Wish{Latency: time.Hour}); cost.MaxCapacity != policy.MaxCapacity {
		t.Errorf("without arrivals %d", cost.MaxCapacity)
	}
}

func TestRecommend_maximumIsBoundedAndItsPriceTold(t *testing.T) {
	e := found()
	wish := Wish{Latency: time.Hour, Price: 2}
	free, _ := recommended(t, e, wish)
	if free.MaxCapacity < 2 {
		t.Fatalf("%d instances are too few to bound", free.MaxCapacity)
	}
	wish.Most = free.MaxCapacity - 1
	bound, cost := recommended(t, e, wish)
	if bound.MaxCapacity != wish.Most || cost.MaxCapacity > wish.Most || !strings.Contains(bound.Reasons[2], fmt.Sprintf("--max-capacity bounds it to %d of these %d", wish.Most, free.MaxCapacity)) {
		t.Errorf("%d and %d, bounded by %d: %s", bound.MaxCapacity, cost.MaxCapacity, wish.Most, bound.Reasons[2])
	}
	if least, most := free.Dollars[0], free.Dollars[1]; most != float64(free.MaxCapacity)*720*2 || least <= 0 || least > most {
		t.Errorf("$%v to $%v a month", least, most)
	}
	if unpriced, _ := recommended(t, e, Wish{Latency: time.Hour}); !strings.Contains(unpriced.costs(), "not known") || unpriced.dollars() != nil {
		t.Errorf("%s", unpriced.costs())
	}
}

func TestConcerns_tellOfAMaximumAboveThePresentOne(t *testing.T) {
	for present, want := range map[string]bool{"3": true, "4": false, "9": false, "": false} {
		a := Advice{Estimates: found(), Wish: Wish{Latency: time.Hour}, Choices: []Choice{{MaxCapacity: 4}}, Present: []string{"5", "0", present, "", "", ""}}
		if said := fmt.Sprint(a.concerns()); strings.Contains(said, "The maximum of 4 is above the present one of 3: make sure that the account's quota") != want {
			t.Errorf("present %q: %s", present, said)
		}
	}
}

func TestText_callsAnObjectiveThatNobodySetTheDefault(t *testing.T) {
	a := adviceOf(t, "transcribe-live", 20*time.Minute, Given{})
	for _, defaulted := range []bool{true, false} {
		var text bytes.Buffer
		a.Wish.Defaulted = defaulted
		if err := a.Text(&text); err != nil || strings.Contains(text.String(), "20m (the default objective; set objectives: or --latency)\n") != defaulted {
			t.Errorf("%t: %v\n%s", defaulted, err, text.String())
		}
	}
}

func TestRecommend_cooldownsOutlastProvisioning(t *testing.T) {
	for _, test := range []struct {
		seconds       int
		in, out, wake time.Duration
	}{
		{0, 5 * time.Minute, 5 * time.Minute, 14 * time.Minute},
		{60, 5 * time.Minute, time.Minute, 5 * time.Minute},
		{241, 5 * time.Minute, 5 * time.Minute, 8 * time.Minute},
		{660, 11 * time.Minute, 11 * time.Minute, 14 * time.Minute},
	} {
		e := found()
		e.Provisioning = Durations{}
		if test.seconds > 0 {
			e.Provisioning = durations([]time.Duration{time.Duration(test.seconds) * time.Second}, "")
		}
		c, _ := recommended(t, e, Wish{Latency: time.Hour})
		if c.ScaleInCooldown != test.in || c.ScaleOutCooldown != test.out || c.WakeCooldown != test.wake {
			t.Errorf("%d s: in %s, out %s, wake %s", test.seconds, c.ScaleInCooldown, c.ScaleOutCooldown, c.WakeCooldown)
		}
	}
}

// Whatever is found and wished, the values are ones that AWS takes, and more time never means a lower target value or more
// instances.
func TestRecommend_isSensibleWhateverIsFound(t *testing.T) {
	roll := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		e := Estimates{
			Service: Estimate{Value: math.Exp(roll.Float64()*9 - 2)}, Concurrency: Estimate{Value: float64(1 + roll.IntN(16))},
			Idle: time.Duration(roll.IntN(40)) * time.Minute, Observed: time.Hour,
			Arrivals: Arrivals{Rate: Estimate{Samples: roll.IntN(3)}, Windows: []Window{{2 * time.Minute, float64(roll.IntN(100))}, {time.Hour, float64(100 + roll.IntN(5000))}}},
		}
		if roll.IntN(3) > 0 {
			e.Provisioning = durations([]time.Duration{time.Duration(1+roll.IntN(900)) * time.Second}, "")
		}
		last := map[string]Choice{}
		for _, latency := range []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour} {
			choices, err := Recommend(e, Wish{Latency: latency, Variants: roll.IntN(2)})
			if err != nil {
				continue
			}
			for _, c := range choices {
				if !(c.TargetValue >= 1) || math.IsInf(c.TargetValue, 0) || c.MinCapacity < 0 || c.MinCapacity > 1 || c.MaxCapacity < max(1, c.MinCapacity) ||
					c.ScaleInCooldown < policy.Cooldown || c.ScaleOutCooldown < time.Minute || c.WakeCooldown < policy.Cooldown {
					t.Fatalf("%+v for %+v within %s", c, e, latency)
				}
				for i, why := range c.Reasons {
					if why == "" || strings.Contains(why, "%!") || strings.Contains(why, "NaN") || !strings.HasSuffix(why, ".") {
						t.Fatalf("why %s: %q", Numbers()[i], why)
					}
				}
				if before, ok := last[c.Name]; ok && c.MinCapacity == before.MinCapacity && c.TargetValue < before.TargetValue {
					t.Fatalf("%s: %g within %s, %g within less, for %+v", c.Name, c.TargetValue, latency, before.TargetValue, e)
				}
				last[c.Name] = c
			}
		}
	}
}

// adviceOf is the advice on an endpoint of the demo.
func adviceOf(t *testing.T, name string, latency time.Duration, given Given) Advice {
	t.Helper()
	a := Advice{
		Scope: fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, History: learn(t, demo(sim.DemoHistory), name, MostDays), Given: given,
		Wish: Wish{Latency: latency, Variants: 1, Price: 1.515}, Requested: 13, Present: []string{"5", "0", "8", "5m", "5m", "5m"},
	}
	var err error
	if a.Estimates, err = Look(a.History, given); err != nil {
		t.Fatal(err)
	}
	if a.Choices, err = Recommend(a.Estimates, a.Wish); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAdvice_isTheGolden(t *testing.T) {
	for file, test := range map[string]struct {
		name    string
		latency time.Duration
		given   Given
	}{
		"transcribe-live": {"transcribe-live", 20 * time.Minute, Given{}},
		"diffusion":       {"diffusion", 10 * time.Minute, Given{}},
		"measured":        {"ocr-nightly", 30 * time.Minute, Given{20 * time.Second, 8}},
	} {
		a := adviceOf(t, test.name, test.latency, test.given)
		var text, tools bytes.Buffer
		if err := a.Text(&text); err != nil {
			t.Fatal(err)
		}
		if err := a.JSON(&tools); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(tools.Bytes()) {
			t.Errorf("%s: no JSON", file)
		}
		for name, got := range map[string][]byte{file + ".txt": text.Bytes(), file + ".json": tools.Bytes()} {
			golden := "testdata/" + name
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || len(want) < 500 {
				t.Fatalf("%s: %v, %d bytes", golden, err, len(want))
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not what is advised now; go test ./internal/advise -update rewrites it. Now:\n%s", golden, got)
			}
		}
	}
}

func TestEntry_quotesTheName(t *testing.T) {
	entry := Choice{TargetValue: 4.4, MaxCapacity: 3, ScaleInCooldown: 5 * time.Minute, ScaleOutCooldown: time.Hour, WakeCooldown: 90 * time.Second}.Entry("0123")
	want := `policies:
  - endpoints: "0123"
    minCapacity: 0
    maxCapacity: 3
    tracking: {targetValue: 4.4, scaleInCooldown: 5m, scaleOutCooldown: 1h}
    wake: {cooldown: 1m30s}
`
	if entry != want {
		t.Errorf("got\n%s", entry)
	}
}

func TestConcerns_tellOfInstancesThatDoLess(t *testing.T) {
	a := Advice{History: History{Variants: []string{"v"}}, Estimates: found(), Wish: Wish{Latency: time.Hour}}
	a.Estimates.Throughput = Estimate{Value: 2. / 30, Samples: 100}
	if said := fmt.Sprint(a.concerns()); !strings.Contains(said, "Busy instances work on 2 requests at the same time, not on 4") {
		t.Errorf("%s", said)
	}
	a.Estimates.Throughput.Value = 4. / 30
	if said := fmt.Sprint(a.concerns()); strings.Contains(said, "Busy instances") {
		t.Errorf("%s", said)
	}
	a.Choices, a.Running = []Choice{{MaxCapacity: 4}}, 5
	if said := fmt.Sprint(a.concerns()); !strings.Contains(said, "5 instances run or are desired now: the plan withholds a maximum below that") {
		t.Errorf("%s", said)
	}
}

// docs/recommend.md shows what the program prints.
func TestPage_showsTheExampleAsItIs(t *testing.T) {
	const file, begin, end = "../../docs/recommend.md", "go test ./internal/advise -update. -->\n", "<!-- End of example. -->"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("testdata/transcribe-live.txt")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(page), begin)
	_, tail, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no place for an example", file)
	}
	shown := head + begin + "```\n" + string(example) + "```\n" + end + tail
	if *update {
		if err := os.WriteFile(file, []byte(shown), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if shown != string(page) {
		t.Errorf("%s does not show what is advised now; go test ./internal/advise -update rewrites it", file)
	}
}
