package snapshot

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// random fills any value of package fleet, every field of it, so that a field that is new is tried too.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 5))} }

func (r random) fill(v reflect.Value, depth int) {
	switch v.Type() {
	case durationType:
		v.SetInt(r.Int64N(1e16) * r.Int64N(2))
		return
	case timeType:
		if r.IntN(4) > 0 {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(4e9), r.Int64N(1e9)).UTC()))
		}
		return
	case reflect.TypeFor[fleet.SourceName]():
		v.SetString(string(knownSources[r.IntN(len(knownSources))]))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"", "name", "größer <&>\"\\\n", fmt.Sprint("n", r.IntN(1e9)), "  "}[r.IntN(5)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64() >> r.IntN(64) * (1 - 2*r.Int64N(2)))
	case reflect.Uint64:
		v.SetUint(r.Uint64() >> r.IntN(64))
	case reflect.Float64:
		v.SetFloat([]float64{0, 1, -2.5, r.NormFloat64() * 1e9, r.Float64()}[r.IntN(5)])
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		if n := r.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
		}
		for i := range v.Len() {
			r.fill(v.Index(i), depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			r.fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		if r.IntN(3) > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for i := range r.IntN(3) {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				key.SetString(fmt.Sprint("key ", i))
				r.fill(value, depth+1)
				v.SetMapIndex(key, value)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !slices.Contains(left[v.Type()], v.Type().Field(i).Name) {
				r.fill(v.Field(i), depth+1)
			}
		}
	default:
		panic(v.Type().String() + " cannot be filled")
	}
}

// snapshot is a random one as it could have been observed: named, sorted and joined.
func (r random) snapshot() fleet.Snapshot {
	var s fleet.Snapshot
	r.fill(reflect.ValueOf(&s).Elem(), 0)
	s.At = time.Unix(r.Int64N(4e9)+1, 0).UTC()
	s.Sources = nil
	for _, name := range knownSources {
		source := fleet.Source{}
		r.fill(reflect.ValueOf(&source).Elem(), 0)
		source.Name = name
		s.Sources = append(s.Sources, source)
	}
	endpoint := func(i int) string { return fmt.Sprintf("live-%d", i) }
	resource := func(i int) string { return fleet.ResourceID(endpoint(i), "blue-0") }
	for i := range s.Endpoints {
		s.Endpoints[i].Name = endpoint(i)
		for k := range s.Endpoints[i].Variants {
			s.Endpoints[i].Variants[k].Name = fmt.Sprintf("blue-%d", k)
		}
	}
	for i := range s.Targets {
		s.Targets[i].ResourceID = resource(i)
	}
	for i := range s.Policies {
		s.Policies[i].ResourceID, s.Policies[i].Name = resource(r.IntN(2)), fmt.Sprintf("team-%d", i)
		s.Policies[i].ARN = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/" + s.Policies[i].ResourceID + ":policyName/" + s.Policies[i].Name
	}
	for i := range s.Scheduled {
		s.Scheduled[i].ResourceID = resource(r.IntN(2))
	}
	for i := range s.Alarms {
		s.Alarms[i].Name = fmt.Sprintf("page-%d", i)
		if len(s.Policies) > 0 {
			s.Alarms[i].AlarmActions = append(s.Alarms[i].AlarmActions, s.Policies[r.IntN(len(s.Policies))].ARN)
		}
		if r.IntN(2) == 0 {
			s.Alarms[i].Metric.Dimensions = append(s.Alarms[i].Metric.Dimensions, fleet.Dimension{Name: "EndpointName", Value: endpoint(r.IntN(3))})
		}
	}
	if err := consistent("", &s); err != nil {
		panic(err)
	}
	s.Rejoin()
	return s
}
