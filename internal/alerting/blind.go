package alerting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
)

// StorageAlert is the name of the alert that is about this command itself: no rule can find it, because what rules find
// is stored first.
const StorageAlert = "SageMakerAsyncAlertingStorageFailing"

// unhealthyAfter is how many intervals the storage may take nothing until the process is no longer healthy.
const unhealthyAfter = 10

// Healthy is nil unless the storage has taken nothing for ten intervals, and says why it does not.
func (a *Alerting) Healthy() error {
	since, what, _ := a.sight.trouble()
	if what == nil || a.now().Sub(since) < unhealthyAfter*a.options.Interval {
		return nil
	}
	return a.storageError()
}

// storageError is what is wrong with the storage, for people; nil where nothing is.
func (a *Alerting) storageError() error {
	since, failed, sees := a.sight.trouble()
	switch {
	case failed == nil:
		return nil
	case sees:
		return fmt.Errorf("series are stored in a temporary directory since %s, and what was stored before is not read: %s",
			since.UTC().Format("2006-01-02 15:04:05 UTC"), printable(failed.Error()))
	}
	return fmt.Errorf("series cannot be stored since %s, so the rules see nothing new: %s",
		since.UTC().Format("2006-01-02 15:04:05 UTC"), printable(failed.Error()))
}

// selfAlert is the alert about the storage; nil while there is none.
func (a *Alerting) selfAlert() *rules.Alert {
	since, failed, sees := a.sight.trouble()
	if failed == nil {
		return nil
	}
	summary, effect := "it sees nothing new", ". Alerts that fire are held, and new ones are not found. "
	if lost := (*dropped)(nil); errors.As(failed, &lost) {
		effect += "It sees again when the clock has passed the newest sample, or when it is started again without what is where --alerting.storage-path is."
	} else {
		effect += "Free space where --alerting.storage-path is."
	}
	if sees {
		summary, effect = "it started without what it knew", ". Alerts that waited or fired before the start wait anew. Free space where --alerting.storage-path is, and restart it."
	}
	builder := labels.NewBuilder(labelsOf(a.options.TargetLabels))
	builder.Set(labels.AlertName, StorageAlert).Set("severity", "critical")
	return &rules.Alert{
		State: rules.StateFiring, ActiveAt: since, FiredAt: since, Labels: builder.Labels(),
		Annotations: labels.FromStrings(
			"summary", "sagemaker-async-alerting cannot store series: "+summary,
			"description", printable(a.storageError().Error())+effect,
		),
	}
}

// tellOfItself sends the alert about the storage, again after the time after which any other is sent again, and once
// more when it has ended.
func (a *Alerting) tellOfItself(ctx context.Context, at time.Time) {
	a.self.Lock()
	defer a.self.Unlock()
	alert := a.selfAlert()
	resend := 2 * a.options.Interval
	lately := func() bool { // not so where the clock was set back since
		passed := at.Sub(a.told.LastSentAt)
		return passed >= 0 && passed < resend
	}
	switch {
	case alert == nil && a.told == nil:
		return
	case alert == nil:
		alert, a.told = a.told, nil
		alert.State, alert.ResolvedAt, alert.ValidUntil = rules.StateInactive, at, at
	case a.told != nil && lately():
		return
	default:
		alert.LastSentAt, alert.ValidUntil = at, at.Add(4*resend)
		a.told = alert
	}
	anew := *alert
	anew.Labels = alert.Labels.Copy()
	a.tellAlertmanagers(ctx, "", &anew)
}
