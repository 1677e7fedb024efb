package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// provider marks the errors of finding credentials, which the SDK wraps into those of the operation that needed them.
type provider struct {
	aws.CredentialsProvider
	role string // the role being assumed; empty for the SDK's own search
}

// Retrieve fails with a credentialsError.
func (p provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	found, err := p.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, &credentialsError{role: p.role, err: err}
	}
	return found, nil
}

type credentialsError struct {
	role string
	err  error
}

func (e *credentialsError) Error() string { return e.err.Error() }

// RetryableError tells the SDK's retries, within which credentials are found, that who finds them has retried already.
func (e *credentialsError) RetryableError() bool { return false }

func (e *credentialsError) Unwrap() error { return e.err }

// dummy are the credentials for the embedded AWS. They are no secret: they open nothing.
type dummy struct{}

// Retrieve never fails.
func (dummy) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIAEMBEDDEDAWS", SecretAccessKey: "embedded", Source: "embedded AWS"}, nil
}

// assume provides the credentials of the role, kept until shortly before they expire.
func assume(cfg aws.Config, a Access) aws.CredentialsProvider {
	assumeRole := assumer(sts.NewFromConfig(cfg, quick).AssumeRole)
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(assumeRole, a.RoleARN,
		func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "sagemaker-async-exporter"
			if a.ExternalID != "" {
				o.ExternalID = aws.String(a.ExternalID)
			}
		}), func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = expiryWindow })
}

// quick makes two attempts and no more: who the credentials belong to is asked at start-up, where a person waits to read
// why it does not work, and is asked again in the next turn.
func quick(o *sts.Options) { o.RetryMaxAttempts = 2 }

// assumer is the method value in the shape that the SDK wants it.
type assumer call[sts.AssumeRoleInput, sts.AssumeRoleOutput, sts.Options]

// AssumeRole calls the method.
func (f assumer) AssumeRole(
	ctx context.Context, in *sts.AssumeRoleInput, options ...func(*sts.Options),
) (*sts.AssumeRoleOutput, error) {
	return f(ctx, in, options...)
}
