// Package paging holds what the exporter and the alerting command tell each other, as values: what is pending and firing,
// how the Alertmanagers answer, and why an endpoint does or does not scale.
package paging

import "time"

// The paths where each says it, below its external URL.
const (
	StatePath   = "/alerts"  // of the alerting command; with ?format=json a State
	ReasonsPath = "/explain" // of the exporter; with ?format=json a list of Reason
)

// State is what the alerting command knows at a moment.
type State struct {
	At            time.Time      `json:"at"`
	Exporter      Exporter       `json:"exporter"`
	Storage       Storage        `json:"storage,omitzero"`
	Rules         Rules          `json:"rules"`
	Alertmanagers []Alertmanager `json:"alertmanagers"` // sorted by URL
	Dropped       uint64         `json:"dropped"`       // alerts that reached no Alertmanager since the process started
	Queued        uint64         `json:"queued"`        // alerts that wait to be sent
	Alerts        []Alert        `json:"alerts"`        // what fires first, then by severity, name and labels
}

// Exporter is where the series come from.
type Exporter struct {
	URL        string    `json:"url"`
	Up         bool      `json:"up"` // the newest scrape succeeded
	LastScrape time.Time `json:"last_scrape,omitzero"`
	Error      string    `json:"error,omitempty"`
}

// Storage is where what was scraped is kept.
type Storage struct {
	Error string    `json:"error,omitempty"` // why it takes nothing; empty while it does
	Since time.Time `json:"since,omitzero"`  // since when
}

// Rules are those that are evaluated.
type Rules struct {
	Alerting       int       `json:"alerting"`                 // how many alerting rules there are
	Recording      int       `json:"recording"`                // how many recording rules
	LastEvaluation time.Time `json:"last_evaluation,omitzero"` // of the group of rules that is most behind
	Failing        []Failing `json:"failing,omitempty"`
}

// Failing is a rule that cannot be evaluated.
type Failing struct {
	Rule  string `json:"rule"`
	Error string `json:"error"`
}

// Alertmanager is one that alerts are sent to.
type Alertmanager struct {
	URL    string `json:"url"`
	Sent   uint64 `json:"sent"`            // alerts that it was sent since the process started
	Failed uint64 `json:"failed"`          // alerts of them that it did not take
	Error  string `json:"error,omitempty"` // why it did not take the newest; empty when it did, or was sent none
}

// The states of an alert.
const (
	Pending = "pending" // its expression is true, but not yet for as long as its rule asks
	Firing  = "firing"
)

// Alert is one that is pending or firing.
type Alert struct {
	State       string            `json:"state"`
	Labels      map[string]string `json:"labels"` // as they are sent, alertname and external labels among them
	Annotations map[string]string `json:"annotations"`
	ActiveAt    time.Time         `json:"active_at"`         // since when its expression is true
	FiredAt     time.Time         `json:"fired_at,omitzero"` // since when it fires
}

// Reason is why an endpoint does or does not scale.
type Reason struct {
	AccountID    string `json:"account_id"`
	Region       string `json:"region"`
	EndpointName string `json:"endpoint_name"`
	Explanation  string `json:"explanation"`           // one sentence
	Page         string `json:"page,omitempty"`        // the URL of the page that says what to do about it
	AWSMessage   string `json:"aws_message,omitempty"` // what AWS itself says of its endpoint or newest scaling activity that failed
}
