package fleet

import (
	"reflect"
	"testing"
	"time"
)

// Which of AWS's own alarms are gone is known once all alarms were read after the policy had got them.
func TestJoin_findsTheAlarmsThatATrackingPolicyHasLost(t *testing.T) {
	const arn, highAlarm, lowAlarm = "arn:aws:autoscaling:us-east-1:1:scalingPolicy:1:resource/sagemaker/endpoint/e/variant/a:policyName/t", "TargetTracking-h", "TargetTracking-l"
	made := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	alarm := func(name string, actions ...string) Alarm {
		return Alarm{Name: name, Metric: Backlog.Query("e").Metric, AlarmActions: actions}
	}
	for name, test := range map[string]struct {
		alarms []Alarm
		read   time.Time
		want   []string
	}{
		"both there":                    {[]Alarm{alarm(highAlarm, arn), alarm(lowAlarm, arn)}, made.Add(time.Hour), nil},
		"both gone":                     {nil, made.Add(time.Hour), []string{highAlarm, lowAlarm}},
		"one gone":                      {[]Alarm{alarm(highAlarm, arn)}, made.Add(time.Hour), []string{lowAlarm}},
		"one triggers nothing":          {[]Alarm{alarm(highAlarm, arn), alarm(lowAlarm)}, made.Add(time.Hour), []string{lowAlarm}},
		"somebody's own is none of AWS": {[]Alarm{alarm("mine", arn)}, made.Add(time.Hour), []string{highAlarm, lowAlarm}},
		"the alarms were not read":      {nil, time.Time{}, nil},
		"read before the policy was":    {nil, made.Add(-time.Minute), nil},
		"read while AWS made them":      {nil, made.Add(time.Second), nil},
		"put again since it was read":   {[]Alarm{alarm("TargetTracking-h2", arn), alarm("TargetTracking-l2", arn)}, made.Add(time.Hour), nil},
	} {
		policies := []Policy{{ResourceID: ResourceID("e", "a"), Name: "t", ARN: arn, Tracking: &Tracking{}, Alarms: []string{highAlarm, lowAlarm, "mine"}, Created: made}}
		v := Variant{Name: "a"}
		NewJoin(nil, policies, nil, test.alarms, test.read).Fill("e", &v)
		if got := v.Policies[0].Lost; !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestJoin_findsWhatConcernsAVariant(t *testing.T) {
	const dead = "arn:aws:autoscaling:us-east-1:1:scalingPolicy:9:resource/sagemaker/endpoint/e/variant/a:policyName/gone"
	arn := func(name string) string {
		return "arn:aws:autoscaling:us-east-1:1:scalingPolicy:1:resource/sagemaker/endpoint/e/variant/a:policyName/" + name
	}
	policies := []Policy{
		{ResourceID: ResourceID("e", "a"), Name: "in", ARN: arn("in"), Alarms: []string{"listed"}},
		{ResourceID: ResourceID("e", "a"), Name: "out", ARN: arn("out")},
		{ResourceID: ResourceID("e", "b"), Name: "out", ARN: "arn:b"},
		{ResourceID: ResourceID("other", "a"), Name: "out", ARN: "arn:other"},
	}
	custom := Metric{Namespace: "App", Name: "Queue"}
	host := func(endpoint, variant string) *Metric {
		return &Metric{Namespace: "/aws/sagemaker/Endpoints", Name: "CPUUtilization", Dimensions: []Dimension{{"EndpointName", endpoint}, {"VariantName", variant}}}
	}
	backlog := Backlog.Query("e").Metric
	onlyA, onlyB := []string{" of e/a"}, []string{" of e/b"}
	both := []string{" of e/a", " of e/b"}
	for name, test := range map[string]struct {
		alarm Alarm
		want  []string // policy of endpoint/variant
	}{
		"listed by a policy":             {Alarm{Name: "listed", Metric: custom}, []string{"in of e/a"}},
		"in ALARM":                       {Alarm{Metric: custom, AlarmActions: []string{arn("out")}}, []string{"out of e/a"}},
		"in OK":                          {Alarm{Metric: custom, OKActions: []string{arn("in")}}, []string{"in of e/a"}},
		"in INSUFFICIENT_DATA":           {Alarm{Metric: custom, InsufficientDataActions: []string{arn("in")}}, []string{"in of e/a"}},
		"one policy for each state":      {Alarm{Metric: backlog, AlarmActions: []string{arn("out")}, OKActions: []string{arn("in")}}, []string{"in of e/a", "out of e/a"}},
		"one policy in two states":       {Alarm{Metric: custom, AlarmActions: []string{arn("out")}, InsufficientDataActions: []string{arn("out")}}, []string{"out of e/a"}},
		"of two variants":                {Alarm{Metric: backlog, AlarmActions: []string{arn("out"), "arn:b"}}, []string{"out of e/a", "out of e/b"}},
		"a policy that is gone":          {Alarm{Metric: custom, AlarmActions: []string{dead}}, onlyA},
		"gone, in OK":                    {Alarm{Metric: custom, OKActions: []string{dead}}, onlyA},
		"gone, in two states":            {Alarm{Metric: custom, AlarmActions: []string{dead}, OKActions: []string{dead}}, onlyA},
		"gone, on the endpoint's metric": {Alarm{Metric: backlog, AlarmActions: []string{dead}}, both},
		"one gone and one that lives":    {Alarm{Metric: backlog, AlarmActions: []string{dead, arn("out")}}, []string{"out of e/a"}},
		"gone, and another variant's":    {Alarm{Metric: backlog, AlarmActions: []string{dead, "arn:b"}}, []string{" of e/a", "out of e/b"}},
		"metric math":                    {Alarm{Math: []MathQuery{{Expression: "MAX([a,b])"}, {Metric: &custom}, {Metric: &backlog}}}, both},
		"metric math, wired":             {Alarm{Math: []MathQuery{{Metric: &backlog}}, AlarmActions: []string{arn("out")}}, []string{"out of e/a"}},
		"metric math over a variant":     {Alarm{Math: []MathQuery{{Metric: host("e", "b")}}}, onlyB},
		"math over two endpoints": {
			Alarm{Math: []MathQuery{{Metric: host("e", "b")}, {Metric: host("other", "a")}, {Metric: host("e", "b")}}}, []string{" of e/b", " of other/a"},
		},
		"elsewhere alone":     {Alarm{Metric: backlog, AlarmActions: []string{"arn:other"}}, []string{"out of other/a"}},
		"nothing of anything": {Alarm{Metric: custom, AlarmActions: []string{"arn:aws:sns:us-east-1:1:page"}}, nil},
	} {
		j := NewJoin(nil, policies, nil, []Alarm{test.alarm}, time.Time{})
		var got []string
		for _, of := range [][2]string{{"e", "a"}, {"e", "b"}, {"other", "a"}} {
			v := Variant{Name: of[1]}
			j.Fill(of[0], &v)
			for _, alarm := range v.Alarms {
				if alarm.Name != test.alarm.Name || !reflect.DeepEqual(alarm.Alarm, test.alarm) {
					t.Errorf("%s: it is %+v", name, alarm.Alarm)
				}
				got = append(got, alarm.Policy+" of "+of[0]+"/"+of[1])
			}
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: it has %q, want %q", name, got, test.want)
		}
	}
}
