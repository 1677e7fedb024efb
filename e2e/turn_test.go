//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// shares is in how many runs everything is seen. What takes longest runs whole in make e2e-long alone; each make e2e runs
// one share of it, and the next run another one.
const shares = 4

// turn is the number of this run, which make takes from the commits: their count goes up by one with each.
// E2E_TURN=3 make e2e runs the share of another run. Without the variable everything runs.
var turn = os.Getenv("E2E_TURN")

// share is which share of the long tests runs, from 0; whole is all of them.
func share(turn string) (n int, whole bool, err error) {
	if turn == "" {
		return 0, true, nil
	}
	n, err = strconv.Atoi(turn)
	if err != nil || n < 0 {
		return 0, false, fmt.Errorf("E2E_TURN is %q: it is a number, or nothing for everything", turn)
	}
	return n % shares, false, nil
}

// sampled tells whether the i-th of many rows runs in this run.
func sampled(i int) bool {
	n, whole, _ := share(turn) // TestMain has refused another value
	return whole || i%shares == n
}

// inFull tells whether everything runs.
func inFull() bool {
	_, all, _ := share(turn)
	return all
}

// long is how long something is done: less where a sample will do.
func long(all, sample time.Duration) time.Duration {
	if inFull() {
		return all
	}
	return sample
}

func TestTurn_eachRowIsSeenWithinAsManyRunsAsThereAreShares(t *testing.T) {
	for row := range 20 {
		seen := 0
		for run := 290; run < 290+shares; run++ {
			if n, _, err := share(strconv.Itoa(run)); err == nil && row%shares == n {
				seen++
			}
		}
		if seen != 1 {
			t.Errorf("row %d is seen %d times in %d runs", row, seen, shares)
		}
	}
	if _, all, err := share(""); !all || err != nil {
		t.Errorf("without a number all rows run: %t, %v", all, err)
	}
	for _, bad := range []string{"-1", "all", "1.5"} {
		if _, _, err := share(bad); err == nil {
			t.Errorf("%q is no number of a run", bad)
		}
	}
}
