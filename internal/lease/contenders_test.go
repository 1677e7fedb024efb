package lease

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// chance draws fates: most requests are good, some are as bad as they can be.
func chance(random *rand.Rand) func(string) fate {
	return func(string) fate {
		f := fate{there: time.Duration(random.IntN(50)) * time.Millisecond, back: time.Duration(random.IntN(50)) * time.Millisecond}
		switch random.IntN(25) {
		case 0:
			f.lost = true
		case 1:
			f.mute = true
		case 2:
			f.there = time.Duration(random.IntN(120)) * time.Second
		case 3:
			f.back = time.Duration(random.IntN(20)) * time.Second
		case 4:
			f.error = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, 500, 503}[random.IntN(5)]
		case 5:
			if random.IntN(5) == 0 {
				f.deaf = time.Duration(random.IntN(180)) * time.Second
			}
		}
		return f
	}
}

// witness keeps the terms under which something may be written. Two at once can begin only when one is won.
type witness struct {
	mu   sync.Mutex
	live map[context.Context]bool
	won  int
	two  bool
}

func (w *witness) wins(under context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if under != nil { // nil: it is over already
		w.won++
		w.live[under] = true
	}
	w.two = w.two || w.count() > 1
}

func (w *witness) count() int {
	maps.DeleteFunc(w.live, func(under context.Context, _ bool) bool { return under.Err() != nil })
	return len(w.live)
}

// life is that of one pod: processes under its name begin, and end with or without giving the Lease back. Each has an
// identity of its own.
func life(ctx context.Context, s *server, pod int, seed uint64, w *witness) {
	random := rand.New(rand.NewPCG(seed, uint64(pod)))
	for n := 0; ctx.Err() == nil; n++ {
		net := &network{server: s, fates: chance(random)}
		var l *Lease
		l = newLease(net, exporter, fmt.Sprintf("%d/%d", pod, n), usual, Notice{
			Changed: func(held bool) {
				if held {
					w.wins(l.Held())
				}
			},
			Failed: func(error) {},
		})
		running, stop := context.WithTimeout(ctx, time.Duration(1+random.IntN(40))*time.Minute)
		if random.IntN(2) == 0 { // it is killed: what it would send to give the Lease back never arrives
			context.AfterFunc(running, func() { net.set(func(string) fate { return fate{lost: true} }) })
		}
		l.Run(running)
		stop()
	}
}

// Whatever the network does and however processes end, no two write at once; and one writes for most of the time.
func TestContenders_neverTwoAtOnce(t *testing.T) {
	hours, seeds := 24, uint64(6)
	if testing.Short() {
		hours, seeds = 6, 1
	}
	for _, pods := range []int{2, 5} {
		for seed := range seeds {
			t.Run(fmt.Sprintf("%d pods, seed %d", pods, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, w := &server{}, &witness{live: map[context.Context]bool{}}
					ctx, stop := context.WithTimeout(t.Context(), time.Duration(hours)*time.Hour)
					defer stop()
					var lives sync.WaitGroup
					for pod := range pods {
						lives.Go(func() { life(ctx, s, pod, seed, w) })
					}
					looked, held := 0, 0
					for ctx.Err() == nil {
						time.Sleep(7 * time.Second)
						w.mu.Lock()
						looked, held = looked+1, held+w.count()
						w.mu.Unlock()
					}
					lives.Wait()
					time.Sleep(10 * time.Minute) // what is still under way arrives
					if w.two {
						t.Error("two hold it at once")
					}
					if share := float64(held) / float64(looked); share < .6 || w.won < 2*hours {
						t.Errorf("somebody holds it for %.0f %% of the time, %d terms", 100*share, w.won)
					}
				})
			})
		}
	}
}
