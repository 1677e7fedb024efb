package alerting

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// reloads tells how the newest reload went.
type reloads struct{ successful, at prometheus.Gauge }

func newReloads(registry prometheus.Registerer) reloads {
	r := reloads{
		prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sagemaker_async_alerting_config_last_reload_successful",
			Help: "1 if rules and files were read when that was last tried, else 0: the old ones stay in force.",
		}),
		prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sagemaker_async_alerting_config_last_reload_success_timestamp_seconds",
			Help: "When rules and files were last read.",
		}),
	}
	registry.MustRegister(r.successful, r.at)
	return r
}

func (r reloads) done(err error, at time.Time) {
	if err != nil {
		r.successful.Set(0)
		return
	}
	r.successful.Set(1)
	r.at.Set(float64(at.UnixMilli()) / 1000)
}

// Reload reads rules and files again. If one of them is broken, all of the old ones stay in force. What is pending stays
// pending where its rule is the same.
func (a *Alerting) Reload(at time.Time) (err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	defer func() { a.reloads.done(err, at) }()
	next, err := a.read()
	if err != nil {
		return err
	}
	if err := a.apply(next); err != nil {
		if back := a.apply(a.settings); back != nil {
			return fmt.Errorf("%w; and going back: %w", err, back)
		}
		return err
	}
	return a.reasons.use(next.exporterClient)
}
