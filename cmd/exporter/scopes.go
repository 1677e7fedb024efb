package main

import (
	"context"
	"strings"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/cycle"
	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/reconcile"
	"github.com/sagemaker-async/exporter/internal/report"
)

// scopesOf turns the configured scopes into ones that a cycle can reach, and write to if plans are carried out. Who names endpoints
// needs no list of them.
func scopesOf(cfg config.Config, options awsapi.Options, writes bool, named []string) []cycle.Scope {
	scopes := make([]cycle.Scope, 0, len(cfg.Scopes))
	for _, scope := range cfg.Scopes {
		access := awsapi.Access{Region: scope.Region, RoleARN: string(scope.RoleARN), ExternalID: scope.ExternalID}
		scopes = append(scopes, cycle.Scope{
			Key:     strings.Join([]string{access.Region, access.RoleARN, access.ExternalID}, "\x00"),
			Name:    nameOf(access),
			Known:   fleet.Scope{AccountID: scope.RoleARN.AccountID(), Region: scope.Region},
			Connect: connector(access, options, writes, named...),
		})
	}
	return scopes
}

// nameOf names a scope for people; an external id is none of their business.
func nameOf(access awsapi.Access) string {
	region := access.Region
	if region == "" {
		region = "the default region"
	}
	if access.RoleARN == "" {
		return region
	}
	return region + " as " + access.RoleARN
}

// connector reaches a scope: it loads the SDK's configuration, proves the credentials and makes sure that AWS answers.
// Only where plans are carried out there is anything that can write.
func connector(access awsapi.Access, options awsapi.Options, writes bool, named ...string) cycle.Connect {
	return func(ctx context.Context) (cycle.Connection, error) {
		client, err := awsapi.Connect(ctx, access, options)
		if err != nil {
			return cycle.Connection{}, err
		}
		reached := cycle.Connection{
			Scope: fleet.Scope{Region: client.Region()},
			AWS: observe.AWS{
				Endpoints: client, Backlogs: client, Hurry: awsapi.Hurried, Tags: client, Metrics: client, Scaling: client, Alarms: client, Mutes: client, Activities: client, Watched: client,
			},
		}
		if reached.Scope.AccountID, err = client.Identify(ctx); err != nil {
			return reached, err
		}
		if err := client.Probe(ctx, named...); err != nil {
			return reached, err
		}
		if writes {
			reached.Writing = reconcile.AWS{
				Endpoints: client, Scaling: client, Alarms: client, Mutes: observe.NewMuteRules(client, daemon.Memory()), Writer: awsapi.WriterOf(client),
			}
		}
		return reached, nil
	}
}

// cycleOptions says what to observe and what to conclude from it, from the configuration in force.
func cycleOptions(cfg config.Config, o options, leads cycle.Leads) cycle.Options {
	policies := cfg.Policies()
	observed := observeOptions(cfg)
	observed.Named = cfg.Named()
	if len(policies) > 0 {
		observed.Tagged = policies.Reads
	}
	return cycle.Options{
		Observe: observed, Leads: leads,
		Rules: report.Rules{
			Policies: policies, Muted: cfg.Muted, Objective: cfg.Objective, SetsLatency: cfg.SetsLatency, Limits: limitsOf(cfg), Thresholds: thresholdsOf(cfg), Prices: cfg.InstancePrices(),
			RecreateAfter: cfg.RecreateAfter.Duration(), MaxSteps: o.maxSteps, Reconcile: o.reconcile, Started: o.started(cfg),
		},
	}
}

// limitsOf says of an endpoint beyond what alerts fire.
func limitsOf(cfg config.Config) func(endpoint string) report.Limits {
	return func(endpoint string) report.Limits {
		o := cfg.ObjectiveOf(endpoint)
		return report.Limits{
			LatencyMissRatio: float64(o.LatencyMissRatio),
			Ticket:           report.Failures{Least: int(o.MinFailures), Ratio: float64(o.FailureRatio)},
			Page:             report.Failures{Least: int(o.CriticalMinFailures), Ratio: float64(o.CriticalFailureRatio)},
			Processing:       o.Processing.Duration(),
		}
	}
}

func thresholdsOf(cfg config.Config) report.Thresholds {
	t := &cfg.Thresholds
	return report.Thresholds{
		NearExpiryRatio: float64(t.NearExpiryRatio), DrainRatio: float64(t.DrainRatio), IdleRatio: float64(t.IdleRatio),
		FlappingWakes: int(t.FlappingWakes), FlappingQueuedRatio: float64(t.FlappingQueuedRatio),
	}
}

// variantCost is how many bytes of memory there must be for each production variant of a region, with its series and the
// garbage of a page: 48,000 took 1.1 GB.
const variantCost = 28 << 10

// observeOptions says what to observe, from the configuration in force.
func observeOptions(cfg config.Config) observe.Options {
	options := observe.Options{
		Selected: cfg.Discovery.Selected,
		Tags:     cfg.Discovery.Tags,
		Intervals: observe.Intervals{
			Queue:     cfg.Polling.Queue.Duration(),
			Idle:      cfg.Polling.OfIdle().Duration(),
			Metrics:   cfg.Polling.Metrics.Duration(),
			Instances: cfg.Polling.Instances.Duration(),
			Scaling:   cfg.Polling.Scaling.Duration(),
			Tags:      cfg.Polling.Tags.Duration(),
		},
		Budget:       float64(cfg.Polling.MonthlyBudgetDollars),
		MaxStaleness: cfg.Polling.MaxStaleness.Duration(),
		MostVariants: int(daemon.Memory() / variantCost),
		Memory:       daemon.Memory(),
	}
	for _, key := range cfg.Discovery.TagLabels {
		options.TagLabels = append(options.TagLabels, fleet.TagLabel{Key: key, Label: config.TagLabel(key)})
	}
	return options
}
