package awsapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Access says whose account and which region to ask, and how.
type Access struct {
	Region     string // empty: the SDK's own (AWS_REGION, the profile)
	RoleARN    string // a role to assume with the SDK's own credentials; empty: those credentials themselves
	ExternalID string // for the role's trust policy; empty: none
}

// Options are the same for every Access.
type Options struct {
	Observe func(Call) // told of each attempt, from many goroutines at once; nil: nobody is told
	Version string     // of the exporter, for the user agent that AWS logs; empty: none is given

	// Speed is how fast the clock of the observed world runs, the demo's: AWS's limits are then reached so much sooner, and
	// the pauses between attempts are so much shorter. 0 is 1, the machine's own clock.
	Speed float64

	// BaseURL is the embedded AWS. Nothing but this address is then asked, with credentials that mean nothing: the
	// environment, profiles and the instance's metadata service are all left alone. Empty: the real AWS, or wherever
	// the SDK's own settings (AWS_ENDPOINT_URL) lead.
	BaseURL string

	// Start bounds each question of start-up, so that a wrong address or role is reported within seconds. 0 is 8 s. An embedded AWS that has
	// just said what its clock shows is not wrong: it is late where its machine has too much to do.
	Start time.Duration

	// Transport is used instead of the network, for tests in a bubble of testing/synctest. Throttles then slow down no other
	// call: the SDK waits for that in steps of less than a nanosecond, which never end on a clock that stands still.
	Transport http.RoundTripper

	// For tests.
	backoff   retry.BackoffDelayer // between attempts; nil: the SDK's own
	attempt   time.Duration        // longest time of one attempt; 0: attemptTime
	http      aws.HTTPClient       // instead of the network
	unlimited bool                 // no rate limits
}

// The exporter asks every minute, so a call that has not succeeded after a minute is better made anew.
const (
	maxAttempts = 4
	maxBackoff  = 5 * time.Second
	attemptTime = 15 * time.Second
	dialTime    = 3 * time.Second
	// startTime bounds the questions of start-up, so that a wrong address or role is told within ten seconds.
	startTime = 8 * time.Second
	// expiryWindow is how long before their end the credentials of a role are renewed.
	expiryWindow = time.Minute
)

// idleConnections are kept for each service: DescribeEndpoint is asked by many goroutines at once, each minute.
const idleConnections = 32

// call is a client's method as a value. A client that stood in a field would keep every operation of its service in
// the binary, hundreds of them; of method values the linker keeps those that are used.
type call[Input, Output, Settings any] func(context.Context, *Input, ...func(*Settings)) (*Output, error)

// Client asks AWS for one account in one region. Its methods may be called from many goroutines at once. All of them
// make several attempts with the SDK's adaptive retries, each bounded in time and by the rate limit of its operation,
// and page through everything there is.
type Client struct {
	region   string
	role     string
	identity aws.CredentialsProvider
	config   aws.Config    // for WriterOf
	options  Options       // for WriterOf
	points   *rate.Limiter // datapoints read by GetMetricData
	older    *rate.Limiter // those of windows that begin further back

	listEndpoints          call[sagemaker.ListEndpointsInput, sagemaker.ListEndpointsOutput, sagemaker.Options]
	describeEndpoint       call[sagemaker.DescribeEndpointInput, sagemaker.DescribeEndpointOutput, sagemaker.Options]
	describeEndpointConfig call[sagemaker.DescribeEndpointConfigInput, sagemaker.DescribeEndpointConfigOutput, sagemaker.Options]
	listTags               call[sagemaker.ListTagsInput, sagemaker.ListTagsOutput, sagemaker.Options]

	describeScalableTargets   call[applicationautoscaling.DescribeScalableTargetsInput, applicationautoscaling.DescribeScalableTargetsOutput, applicationautoscaling.Options]
	describeScalingPolicies   call[applicationautoscaling.DescribeScalingPoliciesInput, applicationautoscaling.DescribeScalingPoliciesOutput, applicationautoscaling.Options]
	describeScheduledActions  call[applicationautoscaling.DescribeScheduledActionsInput, applicationautoscaling.DescribeScheduledActionsOutput, applicationautoscaling.Options]
	describeScalingActivities call[applicationautoscaling.DescribeScalingActivitiesInput, applicationautoscaling.DescribeScalingActivitiesOutput, applicationautoscaling.Options]

	getMetricData       call[cloudwatch.GetMetricDataInput, cloudwatch.GetMetricDataOutput, cloudwatch.Options]
	getMetricStatistics call[cloudwatch.GetMetricStatisticsInput, cloudwatch.GetMetricStatisticsOutput, cloudwatch.Options]
	describeAlarms      call[cloudwatch.DescribeAlarmsInput, cloudwatch.DescribeAlarmsOutput, cloudwatch.Options]
	listAlarmMuteRules  call[cloudwatch.ListAlarmMuteRulesInput, cloudwatch.ListAlarmMuteRulesOutput, cloudwatch.Options]
	listMetrics         call[cloudwatch.ListMetricsInput, cloudwatch.ListMetricsOutput, cloudwatch.Options]
	getAlarmMuteRule    call[cloudwatch.GetAlarmMuteRuleInput, cloudwatch.GetAlarmMuteRuleOutput, cloudwatch.Options]

	getCallerIdentity call[sts.GetCallerIdentityInput, sts.GetCallerIdentityOutput, sts.Options]
}

var regionForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

// Connect loads the SDK's configuration for an access. It does not yet ask AWS anything: Identify and Probe do. No
// region, a region or role that has not the form of one, and an unknown profile are errors.
func Connect(ctx context.Context, a Access, o Options) (*Client, error) {
	if a.RoleARN != "" {
		if role, err := arn.Parse(a.RoleARN); err != nil || role.Service != "iam" || role.AccountID == "" {
			return nil, fmt.Errorf("role ARN %q is not one: want for example arn:aws:iam::111122223333:role/async-exporter", a.RoleARN)
		}
	}
	cfg, err := load(ctx, a, o)
	if err != nil {
		return nil, err
	}
	switch {
	case cfg.Region == "":
		return nil, errors.New("no AWS region: set --aws.region, a scope's region in the config file, or AWS_REGION")
	case !regionForm.MatchString(cfg.Region):
		return nil, fmt.Errorf("AWS region %q is not one: want for example us-east-1", cfg.Region)
	}
	cfg.Retryer = func() aws.Retryer { return retryer(o) }
	cfg.Credentials = provider{CredentialsProvider: cfg.Credentials}
	if a.RoleARN != "" {
		cfg.Credentials = provider{CredentialsProvider: assume(cfg, a), role: a.RoleARN}
	}
	return newClient(cfg, a, o), nil
}

func load(ctx context.Context, a Access, o Options) (aws.Config, error) {
	middlewares := []func(*middleware.Stack) error{newAttempts(o).add, answers{}.add}
	if o.Version != "" {
		middlewares = append(middlewares, awsmiddleware.AddUserAgentKeyValue("sagemaker-async-exporter", o.Version))
	}
	if o.BaseURL != "" {
		return aws.Config{
			Region:       cmp.Or(a.Region, "us-east-1"),
			BaseEndpoint: aws.String(o.BaseURL),
			HTTPClient:   httpClient(o),
			APIOptions:   middlewares,
			Credentials:  dummy{},
			Logger:       logging.Nop{},
		}, nil
	}
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(httpClient(o)),
		config.WithAPIOptions(middlewares),
		config.WithRetryer(searchRetryer),
		config.WithLogger(logging.Nop{}), // by itself it writes to stderr, between the lines of the exporter's log
	}
	if a.Region != "" {
		options = append(options, config.WithRegion(a.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("loading the AWS configuration: %w", explain(err))
	}
	return cfg, nil
}

// httpClient is the SDK's own buildable client: only to that one the SDK adds the certificates of AWS_CA_BUNDLE.
func httpClient(o Options) aws.HTTPClient {
	switch {
	case o.http != nil:
		return o.http
	case o.Transport != nil:
		return &http.Client{Transport: o.Transport, Timeout: attemptLimit(o)}
	}
	return awshttp.NewBuildableClient().
		WithTimeout(attemptLimit(o)).
		WithDialerOptions(func(dialer *net.Dialer) { dialer.Timeout = dialTime }).
		WithTransportOptions(func(transport *http.Transport) {
			transport.MaxIdleConnsPerHost = idleConnections
			transport.MaxResponseHeaderBytes = longestHeader
		})
}

func attemptLimit(o Options) time.Duration { return cmp.Or(o.attempt, attemptTime) }

func startLimit(o Options) time.Duration { return cmp.Or(o.Start, startTime) }

// retryer is made anew for each operation: adaptive mode slows down all calls that share one after a throttle, and one
// operation's throttle says nothing about another.
func retryer(o Options) aws.Retryer {
	return retry.NewAdaptiveMode(func(adaptive *retry.AdaptiveModeOptions) {
		adaptive.StandardOptions = append(adaptive.StandardOptions, func(standard *retry.StandardOptions) {
			standard.MaxAttempts = maxAttempts
			standard.MaxBackoff = maxBackoff
			standard.Backoff = pauses(o)
			standard.Retryables = append(standard.Retryables, retry.IsErrorRetryableFunc(brokenAnswer))
		})
		if o.Transport != nil {
			adaptive.Throttles = []retry.IsErrorThrottle{retry.IsErrorThrottleFunc(func(error) aws.Ternary { return aws.FalseTernary })}
		}
	})
}

// pauses are those between attempts, on the clock of the observed world; nil is the SDK's own.
func pauses(o Options) retry.BackoffDelayer {
	if o.backoff != nil || cmp.Or(o.Speed, 1) == 1 {
		return o.backoff
	}
	own := retry.NewExponentialJitterBackoff(maxBackoff)
	return retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
		pause, err := own.BackoffDelay(attempt, err)
		return time.Duration(float64(pause) / o.Speed), err
	})
}

// searchRetryer is for the SDK's own search for credentials, at the end of which stands the instance's metadata service:
// two requests, each retried, so that by default a machine without one would take ten seconds to find that out.
func searchRetryer() aws.Retryer {
	return retry.NewStandard(func(standard *retry.StandardOptions) {
		standard.MaxAttempts = 2
		standard.MaxBackoff = 200 * time.Millisecond
	})
}

// brokenAnswer is what the SDK does not retry by itself: it cannot know that what is written here may be written twice.
func brokenAnswer(err error) aws.Ternary {
	if connectionBroke(err) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// alone gives an operation a retryer of its own.
func alone[Input, Output, Settings any](ask call[Input, Output, Settings], use func(*Settings, aws.Retryer), o Options) call[Input, Output, Settings] {
	own := retryer(o)
	return func(ctx context.Context, in *Input, more ...func(*Settings)) (*Output, error) {
		return ask(ctx, in, append([]func(*Settings){func(s *Settings) { use(s, own) }}, more...)...)
	}
}

func ofSageMaker(o *sagemaker.Options, r aws.Retryer)            { o.Retryer = r }
func ofScaling(o *applicationautoscaling.Options, r aws.Retryer) { o.Retryer = r }
func ofCloudWatch(o *cloudwatch.Options, r aws.Retryer)          { o.Retryer = r }

func newClient(cfg aws.Config, a Access, o Options) *Client {
	machines := sagemaker.NewFromConfig(cfg)
	scaling := applicationautoscaling.NewFromConfig(cfg)
	metrics := cloudwatch.NewFromConfig(cfg)
	tokens := sts.NewFromConfig(cfg, quick)
	return &Client{
		region:   cfg.Region,
		role:     a.RoleARN,
		identity: cfg.Credentials,
		config:   cfg,
		options:  o,
		points:   pointLimit.limiter(o.Speed),
		older:    olderPointLimit.limiter(o.Speed),

		listEndpoints:          alone(machines.ListEndpoints, ofSageMaker, o),
		describeEndpoint:       alone(machines.DescribeEndpoint, ofSageMaker, o),
		describeEndpointConfig: alone(machines.DescribeEndpointConfig, ofSageMaker, o),
		listTags:               alone(machines.ListTags, ofSageMaker, o),

		describeScalableTargets:   alone(scaling.DescribeScalableTargets, ofScaling, o),
		describeScalingPolicies:   alone(scaling.DescribeScalingPolicies, ofScaling, o),
		describeScheduledActions:  alone(scaling.DescribeScheduledActions, ofScaling, o),
		describeScalingActivities: alone(scaling.DescribeScalingActivities, ofScaling, o),

		getMetricData:       alone(metrics.GetMetricData, ofCloudWatch, o),
		getMetricStatistics: alone(metrics.GetMetricStatistics, ofCloudWatch, o),
		describeAlarms:      alone(metrics.DescribeAlarms, ofCloudWatch, o),
		listAlarmMuteRules:  alone(metrics.ListAlarmMuteRules, ofCloudWatch, o),
		listMetrics:         alone(metrics.ListMetrics, ofCloudWatch, o),
		getAlarmMuteRule:    alone(metrics.GetAlarmMuteRule, ofCloudWatch, o),

		getCallerIdentity: tokens.GetCallerIdentity,
	}
}

// Region is the region that the client asks, for example us-east-1.
func (c *Client) Region() string { return c.region }

// Identify verifies that the credentials work and says whose they are: the account of the role that they assume, or
// what sts:GetCallerIdentity says. It takes a few seconds at most.
func (c *Client) Identify(ctx context.Context) (accountID string, err error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit(c.options))
	defer cancel()
	if c.role == "" {
		out, err := c.getCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return "", fmt.Errorf("verifying the AWS credentials: %w", explain(err))
		}
		return aws.ToString(out.Account), nil
	}
	role, err := arn.Parse(c.role)
	if err != nil {
		return "", fmt.Errorf("verifying the AWS credentials: %w", err)
	}
	if _, err := c.identity.Retrieve(ctx); err != nil {
		return "", fmt.Errorf("verifying the AWS credentials: %w", explain(err))
	}
	return role.AccountID, nil
}

// Probe makes one cheap call, retried once at most, to tell at start-up whether AWS answers at all: a wrong endpoint URL or
// region does not. That AWS denies access is an answer too. It takes a few seconds at most. The call is DescribeEndpoint of the
// first endpoint that somebody named, who needs no list, and ListEndpoints where nobody named one or that fails.
func (c *Client) Probe(ctx context.Context, named ...string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit(c.options))
	defer cancel()
	once := func(o *sagemaker.Options) { o.RetryMaxAttempts = 2 }
	if len(named) > 0 {
		describing, cancel := context.WithTimeout(ctx, startLimit(c.options)/2)
		defer cancel()
		_, err := c.describeEndpoint(describing, &sagemaker.DescribeEndpointInput{EndpointName: aws.String(named[0])}, once)
		if answered(missing(err)) {
			return nil
		}
	}
	_, err := c.listEndpoints(ctx, &sagemaker.ListEndpointsInput{MaxResults: aws.Int32(1)}, once)
	if err = explain(err); answered(err) {
		return nil
	}
	return fmt.Errorf("asking SageMaker in %s: %w", c.region, err)
}

// answered tells whether AWS has answered, if only that it denies access or knows no such endpoint.
func answered(err error) bool {
	denied := (*Denied)(nil)
	return err == nil || errors.As(err, &denied) || errors.Is(err, fleet.ErrNotFound)
}
