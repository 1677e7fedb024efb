package awsapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/smithy-go"

	"github.com/sagemaker-async/exporter/internal/plan"
)

// writeAttempts take 13 seconds in the mean and 16 at most, without the time of the answers. Application Auto Scaling
// may need a few seconds until it knows a target that it has just registered.
const writeAttempts = 5

// Writer carries out the steps of a plan in the account and region of its Client, and does nothing else. A step may be
// written twice: each carries the whole value.
type Writer struct {
	region string

	registerScalableTarget call[applicationautoscaling.RegisterScalableTargetInput, applicationautoscaling.RegisterScalableTargetOutput, applicationautoscaling.Options]
	putScalingPolicy       call[applicationautoscaling.PutScalingPolicyInput, applicationautoscaling.PutScalingPolicyOutput, applicationautoscaling.Options]
	putMetricAlarm         call[cloudwatch.PutMetricAlarmInput, cloudwatch.PutMetricAlarmOutput, cloudwatch.Options]
}

// WriterOf makes a Writer with the credentials, limits and observer of a client. It is a function, and not a method of
// the client, so that a program which does not call it does not even contain the operations that write.
func WriterOf(c *Client) *Writer {
	config := c.config
	config.Retryer = func() aws.Retryer { return retryer(c.options, patient) }
	scaling := applicationautoscaling.NewFromConfig(config)
	metrics := cloudwatch.NewFromConfig(config)
	return &Writer{
		region:                 c.region,
		registerScalableTarget: scaling.RegisterScalableTarget,
		putScalingPolicy:       scaling.PutScalingPolicy,
		putMetricAlarm:         metrics.PutMetricAlarm,
	}
}

// patient also waits for what will pass by itself: another update that is under way, and a target that Application Auto
// Scaling has registered and does not know yet. A quota will not pass, although the SDK takes its error for a throttle.
func patient(adaptive *retry.AdaptiveModeOptions) {
	adaptive.Throttles = append([]retry.IsErrorThrottle{retry.IsErrorThrottleFunc(quotaReached)}, adaptive.Throttles...)
	adaptive.StandardOptions = append(adaptive.StandardOptions, func(standard *retry.StandardOptions) {
		standard.MaxAttempts = writeAttempts
		standard.Retryables = append([]retry.IsErrorRetryable{
			retry.IsErrorRetryableFunc(quotaReached),
			retry.RetryableErrorCode{Codes: map[string]struct{}{"ConcurrentUpdateException": {}, "ObjectNotFoundException": {}}},
		}, standard.Retryables...)
	})
}

// quotaReached says no, this will not pass and is no throttle, to an error that says that there are too many of something.
func quotaReached(err error) aws.Ternary {
	if api := smithy.APIError(nil); errors.As(err, &api) && api.ErrorCode() == "LimitExceededException" {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// Write carries out one step (RegisterScalableTarget, PutScalingPolicy or PutMetricAlarm), with a few attempts that take
// about 15 seconds at most when AWS answers at once. It returns the ARN of a policy; of the others it returns none. An
// error is one line, as those of the Client are: a missing permission names its action. A step of another region, one
// whose triggers are not resolved, and a value that AWS could not hold whole are errors, and nothing is sent.
func (w *Writer) Write(ctx context.Context, step plan.Step) (arn string, err error) {
	switch {
	case step.Scope.Region != "" && step.Scope.Region != w.region:
		return "", fmt.Errorf("writing in %s: the step is for %s", w.region, step.Scope.Region)
	case len(step.Triggers) > 0:
		return "", fmt.Errorf("writing alarm %s: the ARN of the policy that it triggers is not known yet", step.Name)
	case (step.Kind == plan.ScalableTarget || step.Kind == plan.MinCapacity) && step.Target != nil:
		_, err = w.registerScalableTarget(ctx, targetInput(step))
		return "", failedTo("registering the scalable target", err)
	case (step.Kind == plan.TrackingPolicy || step.Kind == plan.WakePolicy) && step.Policy != nil:
		return w.writePolicy(ctx, step)
	case step.Kind == plan.WakeAlarm && step.Alarm != nil:
		input, err := alarmInput(step)
		if err == nil {
			_, err = w.putMetricAlarm(ctx, input)
		}
		return "", failedTo("putting the alarm", err)
	}
	return "", fmt.Errorf("writing a step: it is a %s without a value", step.Kind)
}

func (w *Writer) writePolicy(ctx context.Context, step plan.Step) (arn string, err error) {
	const doing = "putting the scaling policy"
	input, err := policyInput(step)
	if err != nil {
		return "", failedTo(doing, err)
	}
	out, err := w.putScalingPolicy(ctx, input)
	if err != nil {
		return "", failedTo(doing, err)
	}
	return aws.ToString(out.PolicyARN), nil
}

func failedTo(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, explain(err))
}
