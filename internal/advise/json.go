package advise

import (
	"io"
	"strconv"
	"time"

	"github.com/sagemaker-async/exporter/internal/plan"
)

// document is the advice as tools read it. Durations are seconds, moments RFC 3339 in UTC.
type document struct {
	AccountID    string                `json:"account_id"`
	Region       string                `json:"region"`
	Endpoint     string                `json:"endpoint"`
	Variants     []string              `json:"variants"`
	Latency      float64               `json:"latency"`
	Default      bool                  `json:"latency_is_default"`
	From         time.Time             `json:"from"`
	To           time.Time             `json:"to"`
	Requested    int                   `json:"metrics_requested"`
	Dollars      float64               `json:"dollars"`
	Service      jsonEstimate          `json:"service_time"`
	Concurrency  jsonEstimate          `json:"concurrency"`
	Throughput   jsonEstimate          `json:"throughput"`
	Arrivals     jsonArrivals          `json:"arrivals"`
	Provisioning jsonDurations         `json:"provisioning"`
	Wakes        jsonDurations         `json:"wakes"`
	LongestIdle  float64               `json:"longest_idle"`
	Notes        []string              `json:"notes"`
	Choices      map[string]jsonChoice `json:"choices"`
}

type jsonEstimate struct {
	Value   float64 `json:"value"`
	Error   float64 `json:"standard_error"`
	Spread  float64 `json:"spread"`
	Samples int     `json:"samples"`
	How     string  `json:"how"`
}

type jsonArrivals struct {
	jsonEstimate
	Waiting float64      `json:"waiting"`
	Peaks   []jsonWindow `json:"peaks"`
}

type jsonWindow struct {
	Length   float64 `json:"length"`
	Requests float64 `json:"requests"`
}

type jsonDurations struct {
	Samples int     `json:"samples"`
	Mean    float64 `json:"mean"`
	Most    float64 `json:"p95"`
	How     string  `json:"how"`
}

type jsonChoice struct {
	TargetValue      float64           `json:"target_value"`
	MinCapacity      int               `json:"min_capacity"`
	MaxCapacity      int               `json:"max_capacity"`
	ScaleInCooldown  float64           `json:"scale_in_cooldown"`
	ScaleOutCooldown float64           `json:"scale_out_cooldown"`
	WakeCooldown     float64           `json:"wake_cooldown"`
	Dollars          *jsonDollars      `json:"dollars_per_month"` // null: the price is not known
	Trade            string            `json:"trade"`
	Reasons          map[string]string `json:"reasons"`
	Entry            string            `json:"policy"`
}

type jsonDollars struct {
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

func (c *Choice) dollars() *jsonDollars {
	if c.Dollars[1] == 0 {
		return nil
	}
	return &jsonDollars{Round(c.Dollars[0]), Round(c.Dollars[1])}
}

func (e Estimate) json() jsonEstimate {
	return jsonEstimate{Round(e.Value), Round(e.Error), Round(e.Spread), e.Samples, e.How}
}

func (d Durations) json() jsonDurations {
	return jsonDurations{len(d.Seen), Round(d.Mean().Seconds()), Round(d.Most().Seconds()), d.How}
}

// Round leaves the digits that matter to whoever reads JSON: the others differ between machines.
func Round(v float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64) // what was formatted can be parsed
	return rounded
}

// JSON writes the advice for tools. It returns the error of the writer.
func (a Advice) JSON(out io.Writer) error {
	e := a.Estimates
	document := document{
		AccountID: a.Scope.AccountID, Region: a.Scope.Region, Endpoint: a.History.Endpoint, Variants: a.History.Variants,
		Latency: a.Wish.Latency.Seconds(), Default: a.Wish.Defaulted, From: a.History.To.Add(-e.Observed).UTC(), To: a.History.To.UTC(),
		Requested: a.Requested, Dollars: Round(a.Dollars()),
		Service: e.Service.json(), Concurrency: e.Concurrency.json(), Throughput: e.Throughput.json(),
		Arrivals:     jsonArrivals{jsonEstimate: e.Arrivals.Rate.json(), Waiting: Round(e.Arrivals.Waiting), Peaks: []jsonWindow{}},
		Provisioning: e.Provisioning.json(), Wakes: e.Wakes.json(), LongestIdle: e.Idle.Seconds(),
		Notes: append([]string{}, a.concerns()...), Choices: map[string]jsonChoice{},
	}
	for _, w := range e.Arrivals.Windows {
		document.Arrivals.Peaks = append(document.Arrivals.Peaks, jsonWindow{w.Length.Seconds(), Round(w.Requests)})
	}
	for _, c := range a.Choices {
		reasons := map[string]string{}
		for i, name := range [...]string{"target_value", "min_capacity", "max_capacity", "scale_in_cooldown", "scale_out_cooldown", "wake_cooldown"} {
			reasons[name] = c.Reasons[i]
		}
		document.Choices[c.Name] = jsonChoice{
			c.TargetValue, c.MinCapacity, c.MaxCapacity, c.ScaleInCooldown.Seconds(), c.ScaleOutCooldown.Seconds(), c.WakeCooldown.Seconds(),
			c.dollars(), c.Trade, reasons, c.Entry(a.History.Endpoint),
		}
	}
	return plan.WriteJSON(out, document)
}
