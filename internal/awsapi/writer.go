package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/smithy-go"

	"github.com/sagemaker-async/exporter/internal/plan"
)

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
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	scaling := applicationautoscaling.NewFromConfig(config)
	metrics := cloudwatch.NewFromConfig(config)
	return &Writer{
		region:                 c.region,
		registerScalableTarget: scaling.RegisterScalableTarget,
		putScalingPolicy:       scaling.PutScalingPolicy,
		putMetricAlarm:         metrics.PutMetricAlarm,
	}
}

// Write carries out one step (RegisterScalableTarget, PutScalingPolicy or PutMetricAlarm) in one attempt: somebody else may
// change the object meanwhile, so it is never sent a second time without being read again. An error of a write that was certainly
// not carried out is a plan.RefusedError; after any other AWS may have carried it out. It returns the ARN of a policy; of the others it returns
// none. An error is one line, as those of the Client are: a missing permission names its action. A step of another region,
// one whose triggers are not resolved, and a value that AWS could not hold whole are errors, and nothing is sent.
func (w *Writer) Write(ctx context.Context, step plan.Step) (arn string, err error) {
	switch {
	case step.Scope.Region != "" && step.Scope.Region != w.region:
		return "", notSent("writing in %s: the step is for %s", w.region, step.Scope.Region)
	case len(step.Triggers) > 0:
		return "", notSent("writing alarm %s: the ARN of the policy that it triggers is not known yet", step.Name)
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
	return "", notSent("writing a step: it is a %s without a value", step.Kind)
}

func notSent(format string, args ...any) error {
	return &plan.RefusedError{Err: fmt.Errorf(format, args...)}
}

// RequestOf is the request by which a step is carried out, an input of the AWS SDK: of RegisterScalableTarget,
// PutScalingPolicy or PutMetricAlarm. A value that AWS could not hold whole is an error.
func RequestOf(step plan.Step) (any, error) {
	switch {
	case step.Target != nil:
		return targetInput(step), nil
	case step.Policy != nil:
		return policyInput(step)
	case step.Alarm != nil:
		return alarmInput(step)
	}
	return nil, fmt.Errorf("%s: it is a step without a value", step.Line())
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
	said, code := fmt.Errorf("%s: %w", doing, explain(err)), codeOf(err)
	if !refused(err, code) {
		return said
	}
	// A throttle, another update under way, or a target that was registered a moment ago and is not known yet.
	return &plan.RefusedError{Err: said, Passes: throttledCodes[code] || code == "ConcurrentUpdateException" || code == "ObjectNotFoundException"}
}

// refused tells whether a write that failed was certainly not carried out: it was never sent, or AWS says that the request is
// at fault. After an error of the server, or without an answer that can be read, nobody knows.
func refused(err error, code string) bool {
	var sent *attemptError
	var dialing *net.OpError
	var api smithy.APIError
	var answer interface{ HTTPStatusCode() int }
	switch {
	case isBadAnswer(err):
		return false
	case !errors.As(err, &sent), errors.As(err, &dialing) && dialing.Op == "dial":
		return true
	case !errors.As(err, &api) || api.ErrorCode() == unknownError:
		return false
	case throttledCodes[code]:
		return true
	}
	return !unavailableCodes[code] && errors.As(err, &answer) && answer.HTTPStatusCode()/100 == 4
}
