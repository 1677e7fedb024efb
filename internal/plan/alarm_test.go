package plan

import (
	"slices"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// shared is a world of two variants that one alarm wakes: the template does not name the variant.
func shared() *world {
	w := documented("blue", "green")
	entry := policy.ByName(all{})
	entry.Wanted.Alarm.NameTemplate = "wake-{endpoint}"
	w.policies = policy.Policies{entry}
	w.Alarms = nil
	w.wire()
	return w
}

func TestDiff_variantsThatShareAnAlarmWriteItOnce(t *testing.T) {
	w := shared()
	p := w.plan()
	want := []string{arn("blue", policy.WakeName), arn("green", policy.WakeName)}
	if len(p.Steps) != 1 || p.Steps[0].Action != Create || p.Steps[0].ResourceID != "endpoint/e/variant/green" ||
		!slices.Equal(p.Steps[0].Alarm.AlarmActions, want) {
		t.Fatalf("created as\n%s", p.text())
	}
	w.alarm(*p.Steps[0].Alarm)
	if p := w.plan(); !p.Empty() {
		t.Errorf("then\n%s", p.text())
	}
	w.Alarms[0].AlarmActions = want[:1]
	w.wire()
	p = w.plan()
	if len(p.Steps) != 1 || p.Steps[0].Action != Update || !slices.Equal(p.Steps[0].Alarm.AlarmActions, want) {
		t.Errorf("one action is lost:\n%s", p.text())
	}
	w.Alarms[0].Metric.Dimensions = fleet.VariantDimensions("e", "blue")
	w.wire()
	if p := w.plan(); len(p.Steps) != 1 || len(p.Steps[0].Changes) != 2 {
		t.Errorf("and the dimensions are wrong:\n%s", p.text())
	}
}

func TestDiff_aSharedAlarmWaitsForTheWakePoliciesOfAll(t *testing.T) {
	w := shared()
	w.Endpoints[0].Variants[0].Policies = w.Endpoints[0].Variants[0].Policies[:1]
	p := w.plan()
	if !slices.Equal(p.kinds(), []Kind{WakePolicy, WakeAlarm}) || p.Steps[1].ResourceID != "endpoint/e/variant/green" {
		t.Fatalf("got\n%s", p.text())
	}
	alarm, ok := p.Steps[1].WithARNs(map[string]string{"endpoint/e/variant/blue": "arn:blue"})
	if want := []string{arn("green", policy.WakeName), "arn:blue"}; !ok || !slices.Equal(alarm.Alarm.AlarmActions, want) {
		t.Errorf("actions %v", alarm.Alarm.AlarmActions)
	}
}

// Somebody is at work at one of the variants that the alarm wakes, selected or not.
func TestDiff_aSharedAlarmIsLeftAloneWhileOneOfItsVariantsIsSuspended(t *testing.T) {
	for name, selects := range map[string]policy.Pattern{"both selected": all{}, "the other selected": literal("green")} {
		w := shared()
		a := *w.plan().Steps[0].Alarm
		a.Unit = "Seconds"
		w.alarm(a)
		w.policies[0].Variants = selects
		w.Endpoints[0].Variants[0].Target.Suspended.ScaleOut = true
		if p := w.plan(); len(p.Steps) != 0 || !slices.Equal(p.held(Suspended), []Kind{WakeAlarm}) {
			t.Errorf("%s:\n%s", name, p.text())
		}
	}
}

// The document's own alarm name is one for all endpoints: the second would steal the alarm of the first.
func TestDiff_aNameIsGivenToOneEndpointAlone(t *testing.T) {
	w := documented("v")
	w.policies[0].Wanted.Alarm.NameTemplate = policy.SharedAlarmName
	w.second()
	w.Alarms = nil
	w.wire()
	p := w.plan()
	if len(p.Steps) != 1 || p.Steps[0].ResourceID != "endpoint/e/variant/v" || !slices.Equal(p.held(NameTaken), []Kind{WakeAlarm}) {
		t.Fatalf("got\n%s", p.text())
	}
	w.alarm(*p.Steps[0].Alarm)
	if p := w.plan(); len(p.Steps) != 0 || !slices.Equal(p.held(NameTaken), []Kind{WakeAlarm}) {
		t.Errorf("once it is there:\n%s", p.text())
	}
}

// A new wake policy has another ARN than the one that went with the target; the alarm stayed.
func TestDiff_theAlarmOfALostTargetIsWiredAnew(t *testing.T) {
	w := documented("v")
	w.wakeAlarm(func(a *fleet.Alarm) {
		a.AlarmActions = append([]string{"arn:aws:sns:pager"}, a.AlarmActions...)
		a.Name = "wake-by-terraform"
	})
	w.deregister()
	p := w.plan()
	last := p.Steps[len(p.Steps)-2] // tracking comes when the variant can wake
	if last.Kind != WakeAlarm || last.Action != Update || last.Name != "wake-by-terraform" || len(last.Changes) != 1 {
		t.Fatalf("got\n%s", p.text())
	}
	if change := last.Changes[0].text(Update); change != "alarm_actions: arn:aws:sns:pager, "+arn("v", policy.WakeName)+" -> arn:aws:sns:pager, (known after apply)" {
		t.Errorf("got %s", change)
	}
}
