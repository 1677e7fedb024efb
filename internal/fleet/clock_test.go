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

// Between processes a clock travels as JSON. Not a nanosecond may be lost: the machine's own clock is known by showing
// what the machine does.
func TestClock_ofTheMachineStaysTheMachines(t *testing.T) {
	machine := time.Date(2026, 11, 24, 9, 0, 0, 123456789, time.UTC)
	clock := fleet.Clock{Machine: machine, Shown: machine, Speed: 1}
	text, err := json.Marshal(clock.Since(machine.Add(1234567)))
	if err != nil {
		t.Fatal(err)
	}
	var read fleet.Clock
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	later := machine.Add(time.Hour + 7)
	if read = read.Since(later); read.Machine != later || read.Shown != later || read.Speed != 1 {
		t.Errorf("it came to %+v", read)
	}
}
