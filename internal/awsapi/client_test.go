package awsapi_test

import (
	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/observe"
)

// One client answers every question of an observation.
var (
	_ observe.Endpoints  = (*awsapi.Client)(nil)
	_ observe.Tags       = (*awsapi.Client)(nil)
	_ observe.Metrics    = (*awsapi.Client)(nil)
	_ observe.Scaling    = (*awsapi.Client)(nil)
	_ observe.Alarms     = (*awsapi.Client)(nil)
	_ observe.Activities = (*awsapi.Client)(nil)
)
