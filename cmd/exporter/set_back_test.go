package main

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
)

// A clock that jumps back an hour and then is right again costs no counter a unit and no source its life.
func TestObserver_clockThatJumpsBackAnHour(t *testing.T) {
	server := embed(t, small("us-east-1", 20))
	reached, err := connector(awsapi.Access{Region: "us-east-1"}, awsapi.Options{}, false)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var off atomic.Int64
	now := func() time.Time { return time.Now().Round(0).Add(time.Duration(off.Load())) } // without a monotonic reading
	aws := reached.AWS
	aws.Endpoints = modelled{server.Do, &atomic.Int64{}}
	observer := observe.New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, aws, now, observe.Options{
		Intervals:    observe.Intervals{Queue: time.Minute, Metrics: 5 * time.Minute, Instances: time.Minute, Scaling: 5 * time.Minute, Tags: 10 * time.Minute},
		MaxStaleness: 10 * time.Minute,
	})
	look := func(when string) (snapshot fleet.Snapshot, total int64) {
		for _, source := range observer.Sources() {
			answer := observer.Question(source)(t.Context())
			if answer.Err != nil {
				t.Errorf("%s: %s: %v", when, source, answer.Err)
			}
			observer.Learn(answer)
		}
		snapshot = observer.Snapshot()
		for _, source := range snapshot.Sources {
			if !snapshot.Fresh(source.Name, now()) {
				t.Errorf("%s: %s is not shown", when, source.Name)
			}
		}
		for _, endpoint := range snapshot.Endpoints {
			for _, variant := range endpoint.Variants {
				if variant.Work != nil {
					total += variant.Work.Totals[fleet.InvocationsProcessed].Sum
				}
			}
		}
		return snapshot, total
	}
	before, counted := look("before")
	off.Store(int64(-time.Hour))
	during, then := look("an hour back")
	off.Store(0)
	after, last := look("afterwards")
	if len(before.Endpoints) != 20 || len(during.Endpoints) != 20 || len(after.Endpoints) != 20 {
		t.Errorf("%d, %d and %d endpoints are shown", len(before.Endpoints), len(during.Endpoints), len(after.Endpoints))
	}
	if counted == 0 || then < counted || last < then || last > counted+counted/2 {
		t.Errorf("%d, %d and %d requests are counted", counted, then, last)
	}
	if after.LateRevisions != before.LateRevisions {
		t.Errorf("%d late revisions", after.LateRevisions-before.LateRevisions)
	}
}
