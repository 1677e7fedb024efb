package lease

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"time"
)

// microTime is the format of a MicroTime of Kubernetes.
const microTime = "2006-01-02T15:04:05.000000Z07:00"

// fields are the members of a JSON object as they came. A write sends back those of others as they are.
type fields map[string]json.RawMessage

// object is a Lease of coordination.k8s.io/v1.
type object struct{ all, metadata, spec fields }

// parse reads a Lease that the API server sent.
func parse(data []byte) (object, error) {
	var o object
	if err := json.Unmarshal(data, &o.all); err != nil {
		return object{}, fmt.Errorf("reading a Lease: %w", err)
	}
	for name, part := range map[string]*fields{"metadata": &o.metadata, "spec": &o.spec} {
		if o.all[name] == nil {
			continue
		}
		if err := json.Unmarshal(o.all[name], part); err != nil {
			return object{}, fmt.Errorf("reading %s of a Lease: %w", name, err)
		}
	}
	var kind, version string
	if err := errors.Join(o.all.get("kind", &kind), o.metadata.get("resourceVersion", &version)); err != nil {
		return object{}, err
	}
	if kind != "Lease" || version == "" {
		return object{}, fmt.Errorf("the answer is no Lease: kind %q, resourceVersion %q", kind, version)
	}
	_, err := o.record()
	return o, err
}

// get reads one member; absent and null leave the value as it is.
func (f fields) get(name string, value any) error {
	if f[name] == nil {
		return nil
	}
	if err := json.Unmarshal(f[name], value); err != nil {
		return fmt.Errorf("reading %s of a Lease: %w", name, err)
	}
	return nil
}

// set writes one member.
func (f fields) set(name string, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings, numbers and raw messages that were read before
	}
	f[name] = data
}

// record is what counts of a Lease.
func (o object) record() (record, error) {
	var r record
	var seconds, transitions int32
	err := errors.Join(
		o.spec.get("holderIdentity", &r.holder),
		o.spec.get("leaseDurationSeconds", &seconds),
		o.spec.get("leaseTransitions", &transitions),
	)
	if err != nil {
		return record{}, err
	}
	r.lasts = time.Duration(seconds) * time.Second
	whole, err := json.Marshal(o.spec) // its keys are sorted
	if err != nil {
		return record{}, fmt.Errorf("reading spec of a Lease: %w", err)
	}
	r.all = string(whole)
	return r, nil
}

// fresh is a Lease that nobody has made yet.
func fresh(name Name) object {
	o := object{all: fields{}, metadata: fields{}, spec: fields{}}
	o.all.set("apiVersion", "coordination.k8s.io/v1")
	o.all.set("kind", "Lease")
	o.metadata.set("namespace", name.Namespace)
	o.metadata.set("name", name.Name)
	return o
}

// heldBy is the Lease as its holder writes it at a moment. The clock's time is for people: no process compares it.
func (o object) heldBy(me string, lasts time.Duration, now time.Time) object {
	o = o.clone()
	var before string
	var transitions int32
	var acquired *string
	_ = o.spec.get("holderIdentity", &before) // parse has read them
	_ = o.spec.get("leaseTransitions", &transitions)
	_ = o.spec.get("acquireTime", &acquired)
	stamp := now.UTC().Format(microTime)
	if before != me || acquired == nil {
		o.spec.set("acquireTime", stamp)
	}
	if before != me && o.metadata["resourceVersion"] != nil && transitions < math.MaxInt32 {
		transitions++
	}
	o.spec.set("holderIdentity", me)
	o.spec.set("leaseDurationSeconds", seconds(lasts))
	o.spec.set("leaseTransitions", transitions)
	o.spec.set("renewTime", stamp)
	return o
}

// released is the Lease as its holder gives it back: without a holder everybody may take it at once.
func (o object) released(now time.Time) object {
	o = o.clone()
	stamp := now.UTC().Format(microTime)
	o.spec.set("holderIdentity", "")
	o.spec.set("leaseDurationSeconds", 1) // as client-go writes it; 0 is refused
	o.spec.set("acquireTime", stamp)
	o.spec.set("renewTime", stamp)
	return o
}

func (o object) clone() object {
	spec := maps.Clone(o.spec)
	if spec == nil { // an empty Lease, made by hand
		spec = fields{}
	}
	return object{o.all, o.metadata, spec}
}

// encode is the Lease as it is sent.
func (o object) encode() []byte {
	all := maps.Clone(o.all)
	all.set("metadata", o.metadata)
	all.set("spec", o.spec)
	data, err := json.Marshal(all)
	if err != nil {
		panic(err) // see set
	}
	return data
}

// seconds is a duration as a Lease has it: whole seconds, never less than it lasts.
func seconds(lasts time.Duration) int32 { return int32((lasts + time.Second - 1) / time.Second) }
