package fleet_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestClock_runsAtItsSpeedFromWhatItShowed(t *testing.T) {
	machine := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	shown := time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC)
	clock := fleet.Clock{Machine: machine, Shown: shown, Speed: 60}
	if got, want := clock.At(machine.Add(1500*time.Millisecond)), shown.Add(90*time.Second); got != want {
		t.Errorf("after a second and a half it shows %s, want %s", got, want)
	}
	if got, want := clock.At(machine.Add(-time.Second)), shown.Add(-time.Minute); got != want {
		t.Errorf("a second before it showed %s, want %s", got, want)
	}
}

func TestClock_isTheSameSinceAnotherMoment(t *testing.T) {
	machine := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	clock := fleet.Clock{Machine: machine, Shown: machine, Speed: 60}
	later := clock.Since(machine.Add(time.Hour))
	if later.Machine != machine.Add(time.Hour) || later.Shown != machine.Add(60*time.Hour) {
		t.Errorf("told from an hour later: %+v", later)
	}
	for _, at := range []time.Time{machine, machine.Add(time.Hour), machine.Add(90*time.Minute + 7)} {
		if clock.At(at) != later.At(at) {
			t.Errorf("at %s: %s and %s", at, clock.At(at), later.At(at))
		}
	}
}

// Between processes a clock travels as JSON, which has no monotonic reading.
func TestClock_ofTheMachineStaysTheMachines(t *testing.T) {
	clock := fleet.Clock{Speed: 1}
	clock.Machine = time.Now()
	clock.Shown = clock.Machine
	text, err := json.Marshal(clock.Since(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	var read fleet.Clock
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	read = read.Since(time.Now())
	if set := time.Now().Add(-time.Hour).Round(0); read.At(set) != set.UTC() {
		t.Errorf("after the machine's clock was set back it shows %s, want %s", read.At(set), set)
	}
}
