package reconcile

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// losesTrackingAlarms deletes the alarms that AWS has made for target tracking, and returns their names.
func (c *cloud) losesTrackingAlarms(t *testing.T) (names []string) {
	for _, alarm := range read(c, (*sim.World).Alarms) {
		if strings.HasPrefix(alarm.Name, fleet.TrackingAlarmPrefix) {
			names = append(names, alarm.Name)
		}
	}
	c.Do(func(w *sim.World) { awstest.Must(t, w.DeleteAlarms(names)) })
	return names
}

// tardy shows the alarms that AWS makes for target tracking only so long after the newest write.
type tardy struct {
	*cloud
	by time.Duration
	at *time.Time // of that write
}

func (a tardy) AlarmsNamed(ctx context.Context, names []string) ([]fleet.Alarm, error) {
	alarms, err := a.cloud.AlarmsNamed(ctx, names)
	if time.Since(*a.at) < a.by {
		alarms = slices.DeleteFunc(alarms, func(alarm fleet.Alarm) bool { return strings.HasPrefix(alarm.Name, fleet.TrackingAlarmPrefix) })
	}
	return alarms, err
}

// A policy is put again, as it is, for AWS to make its lost alarms anew. AWS shows them some seconds later, the policy with the old
// ones or the new ones that are not there yet: that is waited out, and the policy is put once.
func TestRun_waitsForTheAlarmsOfAPolicyThatItPutsAgain(t *testing.T) {
	for _, lag := range []time.Duration{0, time.Second, 4 * time.Second, 8 * time.Second} {
		for _, late := range []string{"the policy", "the alarms", "both"} {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, 0, "v")
				if result := c.round(t.Context()); !result.Converged() {
					t.Fatalf("at first: %+v", result)
				}
				if len(c.losesTrackingAlarms(t)) == 0 {
					t.Fatal("there are none")
				}
				time.Sleep(5 * time.Minute) // a policy that is younger has none yet
				c.Tried()
				var wrote time.Time
				c.Writing = func(plan.Step) error { wrote = time.Now(); return nil }
				if late != "the alarms" {
					c.Lag = lag
				}
				result := c.round(t.Context(), func(r *Round) {
					if late != "the policy" {
						r.AWS.Alarms = tardy{c, lag, &wrote}
					}
				})
				if lines := c.Tried(); !result.Converged() || len(lines) != 1 {
					t.Errorf("%s late by %s: written %q, withheld %+v, left %+v", late, lag, lines, result.Withheld, result.After.Steps)
				}
			})
		}
	}
}

// Alarms that somebody deletes once more are no lag: the round ends, and says that something is left.
func TestRun_waitsNoLongerForAlarmsThatAreDeletedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, 0, "v")
		c.round(t.Context())
		c.losesTrackingAlarms(t)
		time.Sleep(5 * time.Minute)
		c.Tried()
		c.Before = func(call string, _ int) {
			if strings.HasPrefix(call, "DescribeAlarms") {
				c.losesTrackingAlarms(t)
			}
		}
		began := time.Now()
		result := c.round(t.Context())
		if took := time.Since(began); result.Converged() || len(result.After.Steps) != 1 || result.After.Steps[0].Kind != plan.TrackingPolicy || took > 20*time.Second || len(c.Tried()) != 1 {
			t.Errorf("after %s: %+v", took, result)
		}
	})
}
