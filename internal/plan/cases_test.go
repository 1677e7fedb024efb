package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// of is a world of one case, selected by --reconcile.endpoints.
func of(c *cases.Case) *world {
	w := &world{Snapshot: c.Snapshot, policies: policy.Policies{policy.ByName(all{})}}
	if c.Variant != "" {
		w.policies[0].Variants = literal(c.Variant)
	}
	return w
}

// short are the steps as the table of cases has them.
func short(p Plan) (steps []string) {
	for _, s := range p.Steps {
		steps = append(steps, strings.TrimSpace(string(s.Action)+" "+string(s.Kind)+" "+s.Name))
	}
	return steps
}

// Each row of the table, and once its plan is carried out in the model there is nothing more to do.
func TestDiff_realAccounts(t *testing.T) {
	for _, c := range cases.All() {
		t.Run(c.Name, func(t *testing.T) {
			w := of(&c)
			p := w.plan()
			if got := short(p); len(got) != len(c.Steps) || !slices.EqualFunc(got, c.Steps, strings.HasPrefix) {
				t.Errorf("steps %q, want %q\n%s", got, c.Steps, p.text())
			}
			var held []string
			for _, line := range p.Withheld {
				if !slices.Contains(c.MayHold, string(line.Reason)) {
					held = append(held, string(line.Kind)+" "+string(line.Reason))
				}
			}
			slices.Sort(held)
			if slices.Equal(c.Withheld, []string{"* *"}) && len(held) > 0 { // for whatever reason
				held = c.Withheld
			}
			if !slices.Equal(held, c.Withheld) {
				t.Errorf("withheld %q, want %q\n%s", held, c.Withheld, p.text())
			}
			w.apply(p)
			if p := w.plan(); len(p.Steps) != 0 {
				t.Errorf("a second plan:\n%s", p.text())
			}
		})
	}
}

// A name that is taken is said by what stands under it does.
func TestDiff_saysWhatANameIsTakenBy(t *testing.T) {
	for name, want := range map[string]string{
		"81-own-alarm-from-five":              "which wakes the variant only from 5 queued requests on and is not the plan's to change",
		"79a-work-of-the-whole-endpoint":      "which does not wake the variant and is not the plan's to change",
		"79b-host-load-of-the-whole-endpoint": "a policy of that name tracks something else: write another tracking.name into the entry",
	} {
		c := cases.Named(name)
		p := of(&c).plan()
		if !slices.ContainsFunc(p.Withheld, func(w Withheld) bool { return w.Reason == NameTaken && strings.Contains(w.Detail, want) }) {
			t.Errorf("%s: nothing says %q\n%s", name, want, p.text())
		}
	}
}

// A dead tracking policy holds up scale-in: a minimum of 0 then allows zero instances, and brings the variant to none.
func TestDiff_theEffectOfAMinimumIsWhatTheScalingThenDoes(t *testing.T) {
	for name, want := range map[string]string{
		"20-dead-tracking":    "allows zero instances, but nothing scales it in below 5 instances",
		"22-tracking-maximum": "may scale to zero; the first request then waits ",
	} {
		c := cases.Named(name)
		c.Snapshot.Targets[0].MinCapacity = 1
		c.Snapshot.Rejoin()
		p := of(&c).plan()
		if len(p.Steps) != 1 || p.Steps[0].Kind != MinCapacity || !strings.HasPrefix(p.Steps[0].Effect, want) {
			t.Errorf("%s:\n%s", name, p.text())
		}
	}
}
