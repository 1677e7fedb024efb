package behavior

import (
	"fmt"
	"testing"
)

func TestTry(t *testing.T) {
	for _, c := range rows() {
		b := c.shape.of()
		fmt.Printf("== %s\n wakes %+v fault %+v\n out %+v\n in %+v\n busy %+v\n nothing %+v\n wakeNothing %+v\n", c.name, b.Wakes, b.Wakes.Fault, b.ScalesOut, b.ScalesIn, b.RemovesBusy, b.ScalesOutForNothing, b.WakesForNothing)
		for _, w := range b.Paths {
			fmt.Printf("   %v role %s adds %v removes %v may %v\n", w.Path, b.Role(w.Alarm, w.Policy), w.Adds, w.Removes, w.May)
		}
		for _, a := range b.Alarms {
			fmt.Printf("   alarm %s reaches %v never %v flaps %q dead %d\n", a.Name, a.Reaches, a.Never, a.Flaps, len(a.Dead))
		}
		for _, w := range b.NotJudged {
			fmt.Printf("   not judged %+v\n", w)
		}
	}
}
