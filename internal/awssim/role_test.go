package awssim_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

func TestRoles_leadToTheWorldOfTheirAccount(t *testing.T) {
	other := sim.New(fleet.Scope{AccountID: "444455556666", Region: "eu-west-1"}, start, 1)
	if err := other.AddEndpoint(sim.EndpointSpec{Name: "there", Config: fleet.EndpointConfig{Name: "c"}}); err != nil {
		t.Fatal(err)
	}
	server := serve(t, awssim.Options{Now: func() time.Time { return start }}, sim.Demo(start.Add(-time.Hour)), other)
	c := at(t, server)
	role := must[sts.AssumeRoleOutput](t)(c.sts.AssumeRole(soon(t), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::444455556666:role/reader"), RoleSessionName: aws.String("test"),
	}))
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID: *role.Credentials.AccessKeyId, SecretAccessKey: *role.Credentials.SecretAccessKey,
			SessionToken: *role.Credentials.SessionToken,
		}, nil
	})
	there := connect(t, server, "eu-west-1", keys)
	who := must[sts.GetCallerIdentityOutput](t)(there.sts.GetCallerIdentity(soon(t), &sts.GetCallerIdentityInput{}))
	check(t, "account", *who.Account, "444455556666")
	list := must[sagemaker.ListEndpointsOutput](t)(there.sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{}))
	check(t, "endpoints there", len(list.Endpoints), 1)
	empty := must[sagemaker.ListEndpointsOutput](t)(connect(t, server, "us-west-2", keys).sagemaker.ListEndpoints(soon(t), &sagemaker.ListEndpointsInput{}))
	check(t, "endpoints in a region without a world", len(empty.Endpoints), 0)
	_, err := c.sts.AssumeRole(soon(t), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::999999999999:role/reader"), RoleSessionName: aws.String("test"),
	})
	wantCode(t, err, "AccessDenied")
}

const guardedRole = "arn:aws:iam::111122223333:role/path/reader"

func TestRoles_mayRequireAnExternalID(t *testing.T) {
	server := serve(t, awssim.Options{ExternalIDs: map[string]string{guardedRole: "shared-secret"}}, sim.New(home, start, 1))
	c := at(t, server)
	assume := func(role string, id *string) (*sts.AssumeRoleOutput, error) {
		return c.sts.AssumeRole(soon(t), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("test"), ExternalId: id})
	}
	for _, id := range []*string{nil, aws.String("guessed")} {
		_, err := assume(guardedRole, id)
		if said := wantCode(t, err, "AccessDenied"); !strings.Contains(said, "is not authorized to perform: sts:AssumeRole on resource: "+guardedRole) {
			t.Errorf("AWS would not say %q", said)
		}
	}
	out := must[sts.AssumeRoleOutput](t)(assume(guardedRole, aws.String("shared-secret")))
	check(t, "who", *out.AssumedRoleUser.Arn, "arn:aws:sts::111122223333:assumed-role/reader/test")
	must[sts.AssumeRoleOutput](t)(assume("arn:aws:iam::111122223333:role/open", nil))
}

// A pod has a token and no credentials: the request that gets it some is not signed.
func TestRoles_areGivenForAWebIdentity(t *testing.T) {
	server := serve(t, awssim.Options{}, sim.New(home, start, 1))
	provide := func(role, token string) (aws.Credentials, error) {
		nobody := connect(t, server, home.Region, aws.AnonymousCredentials{})
		return stscreds.NewWebIdentityRoleProvider(nobody.sts, role, tokenOf(token)).Retrieve(soon(t))
	}
	keys, err := provide("arn:aws:iam::111122223333:role/pod", "a.b.c")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "account", keys.AccountID, home.AccountID)
	if left := time.Until(keys.Expires); left < 50*time.Minute || left > time.Hour {
		t.Errorf("the credentials last %s", left)
	}
	pod := connect(t, server, home.Region, aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil }))
	who := must[sts.GetCallerIdentityOutput](t)(pod.sts.GetCallerIdentity(soon(t), &sts.GetCallerIdentityInput{}))
	if !strings.HasPrefix(*who.Arn, "arn:aws:sts::111122223333:assumed-role/pod/") {
		t.Errorf("the pod is %s", *who.Arn)
	}
	_, err = provide("arn:aws:iam::999999999999:role/pod", "a.b.c")
	wantCode(t, err, "AccessDenied")
	_, err = provide("arn:aws:iam::111122223333:role/pod", "")
	wantCode(t, err, "ValidationError")
}

type tokenOf string

func (t tokenOf) GetIdentityToken() ([]byte, error) { return []byte(t), nil }
