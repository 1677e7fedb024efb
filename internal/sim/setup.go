package sim

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// scaling says how a variant of an endpoint is scaled. Its zero value is the documented way.
type scaling struct {
	min, max int // max 0 is the documented one
	tracking func(*fleet.Policy)
	step     func(*fleet.Policy)
	wake     func(*fleet.Alarm)

	noTracking, noWake bool
}

// document gives a variant the documented objects, changed as the scaling says.
func (w *World) document(endpoint, variant string, s scaling) error {
	target := policy.Target(endpoint, variant)
	highest := target.MaxCapacity
	if s.max > 0 {
		highest = s.max
	}
	if _, err := w.RegisterScalableTarget(TargetChange{ResourceID: target.ResourceID, Min: &s.min, Max: &highest}); err != nil {
		return err
	}
	tracking := policy.Tracking(endpoint, variant)
	if s.tracking != nil {
		s.tracking(&tracking)
	}
	if !s.noTracking {
		if _, err := w.PutScalingPolicy(tracking); err != nil {
			return err
		}
	}
	if s.noWake {
		return nil
	}
	step := policy.Wake(endpoint, variant)
	if s.step != nil {
		s.step(&step)
	}
	wake, err := w.PutScalingPolicy(step)
	if err != nil {
		return err
	}
	alarm := policy.WakeAlarm(endpoint, variant, wake.ARN)
	if s.wake != nil {
		s.wake(&alarm)
	}
	return w.PutMetricAlarm(alarm)
}

// async is a configuration of an asynchronous endpoint with one variant, AllTraffic.
func async(endpoint, instanceType string, concurrency int) fleet.EndpointConfig {
	config := fleet.EndpointConfig{
		Name: endpoint + "-config-1",
		Async: &fleet.AsyncConfig{
			S3OutputPath: "s3://" + endpoint + "-results/ok/", S3FailurePath: "s3://" + endpoint + "-results/failed/",
		},
		Variants: []fleet.VariantConfig{{Name: allTraffic, InstanceType: instanceType, ModelName: endpoint + "-model"}},
	}
	if concurrency > 0 {
		config.Async.MaxConcurrentInvocationsPerInstance = &concurrency
	}
	return config
}

const allTraffic = "AllTraffic"

// must stops a scripted world that contradicts itself: its script is part of this package.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("the script of a world is wrong: %v", err))
	}
}
