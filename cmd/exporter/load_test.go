package main

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// modelled answers from the model itself: over the wire, DescribeEndpoint's limit would make half a minute of 500
// endpoints.
type modelled struct {
	do        func(region string, read func(*sim.World))
	described *atomic.Int64
}

func (m modelled) ListEndpoints(context.Context) (list []fleet.EndpointSummary, _ error) {
	m.do("us-east-1", func(w *sim.World) { list = w.Endpoints() })
	return list, nil
}

func (m modelled) DescribeEndpoint(_ context.Context, name string) (d fleet.EndpointDescription, err error) {
	m.described.Add(1)
	m.do("us-east-1", func(w *sim.World) { d, err = w.DescribeEndpoint(name) })
	return d, err
}

func (m modelled) DescribeEndpointConfig(_ context.Context, name string) (c fleet.EndpointConfig, err error) {
	m.do("us-east-1", func(w *sim.World) { c, err = w.DescribeEndpointConfig(name) })
	return c, err
}

// A fleet of 500 endpoints costs no more calls than this, on the wire.
func TestCalls_ofALargeFleet(t *testing.T) {
	const endpoints = 500
	server := embed(t, small("us-east-1", endpoints))
	reached, err := connector(awsapi.Access{Region: "us-east-1"}, awsapi.Options{}, false)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var described atomic.Int64
	aws := reached.AWS
	aws.Endpoints = modelled{server.Do, &described}
	options := observe.Options{
		Intervals:    observe.Intervals{Queue: time.Minute, Metrics: 5 * time.Minute, Instances: time.Minute, Scaling: 5 * time.Minute, Tags: 10 * time.Minute},
		MaxStaleness: 10 * time.Minute,
	}
	observer := observe.New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, aws, time.Now, options)
	calls := func(sources ...fleet.SourceName) (n int) {
		server.ResetCalls()
		for _, source := range sources {
			answer := observer.Question(source)(t.Context())
			if answer.Err != nil {
				t.Fatal(answer.Err)
			}
			observer.Learn(answer)
		}
		for _, times := range server.Calls() {
			n += times
		}
		return n
	}
	if n := calls(fleet.SourceEndpoints); n != 0 {
		t.Fatalf("%d calls on the wire", n)
	}
	// One of 500 queries for the backlog, and one for the others of endpoints with a queue; one more would be a retry.
	if n := calls(fleet.SourceQueue); n < 2 || n > 3 {
		t.Errorf("a refresh of the queue metrics makes %d calls", n)
	}
	// 10 pages of targets, 100 of policies, 1 of scheduled actions, 15 of alarms, and 20 of activities at most.
	if n := calls(fleet.SourceScaling, fleet.SourceAlarms, fleet.SourceActivities); n < 10+100+1+15+1 || n > 150 {
		t.Errorf("a sweep of the scaling state makes %d calls", n)
	}
	// One in ten has work, one in ten now and then; of the others ten have their turn.
	described.Store(0)
	calls(fleet.SourceEndpoints)
	if n := described.Load(); n < 10 || n > endpoints/5+10 {
		t.Errorf("a second look at the instances describes %d endpoints", n)
	}
	snapshot := observer.Snapshot()
	if len(snapshot.Endpoints) != endpoints || len(snapshot.Targets) != endpoints || snapshot.BilledMetrics <= endpoints || snapshot.BilledMetrics > 2*endpoints {
		t.Errorf("%d endpoints, %d targets, %d metrics billed", len(snapshot.Endpoints), len(snapshot.Targets), snapshot.BilledMetrics)
	}
}
