package snapshot_test

import (
	"reflect"
	"testing"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/snapshot"
)

// An endpoint has the same in a file of its own as in one with others.
func TestOnly_keepsAllOfAnEndpointAndNothingOfOthers(t *testing.T) {
	other := secret()
	for _, c := range cases.All() {
		both := c.Snapshot
		both.Endpoints = append([]fleet.Endpoint{other.Endpoints[0]}, both.Endpoints...)
		both.Targets = append(append([]fleet.Target{}, other.Targets...), both.Targets...)
		both.Policies = append(append([]fleet.Policy{}, other.Policies...), both.Policies...)
		both.Scheduled = append(append([]fleet.ScheduledAction{}, other.Scheduled...), both.Scheduled...)
		both.Alarms = append(append([]fleet.Alarm{}, other.Alarms...), both.Alarms...)
		both.OtherAlarms = []string{"HasBacklogWithoutCapacity-Alarm-asr-B", "Ibex"}
		got := snapshot.Only(both, cases.Endpoint)
		want := c.Snapshot.Endpoints
		got.Rejoin()
		if len(got.Endpoints) != 1 || !reflect.DeepEqual(got.Endpoints, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.Name, got.Endpoints, want)
		}
		if len(got.Alarms) > len(c.Snapshot.Alarms) || !reflect.DeepEqual(got.OtherAlarms, []string{"HasBacklogWithoutCapacity-Alarm-asr-B"}) {
			t.Errorf("%s: alarms %d, others %v", c.Name, len(got.Alarms), got.OtherAlarms)
		}
		if all := snapshot.Only(both); !reflect.DeepEqual(all, both) {
			t.Errorf("%s: no name does not keep everything", c.Name)
		}
	}
}
