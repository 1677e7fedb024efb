package awsapi

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestErrors_ofAWSAreOneClearLine(t *testing.T) {
	tests := map[string]struct {
		code, message string
		want          string
		action        string
	}{
		"denied by omission": {
			"AccessDeniedException", "User: arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform: sagemaker:ListEndpoints because no identity-based policy allows the sagemaker:ListEndpoints action",
			"access denied: the role lacks sagemaker:ListEndpoints", "sagemaker:ListEndpoints",
		},
		"denied for another action than the one called": {
			"AccessDeniedException", "User: x is not authorized to perform: kms:Decrypt on resource: y",
			"access denied: the role lacks kms:Decrypt", "kms:Decrypt",
		},
		"denied without words": {"AccessDenied", "", "access denied: the role lacks sagemaker:ListEndpoints", "sagemaker:ListEndpoints"},
		"denied explicitly": {
			"AccessDeniedException", "User: x is not authorized to perform: sagemaker:ListEndpoints with an explicit deny in a service control policy",
			"access denied: an explicit deny in a service control policy forbids sagemaker:ListEndpoints", "sagemaker:ListEndpoints",
		},
		"expired": {
			"ExpiredTokenException", "The security token included in the request is expired",
			"the AWS credentials have expired: renew them (ExpiredTokenException: The security token included in the request is expired)", "",
		},
		"unknown key": {
			"UnrecognizedClientException", "The security token included in the request is invalid.",
			"AWS does not know the credentials: check the access key, and that the region is enabled for the account (UnrecognizedClientException: The security token included in the request is invalid.)", "",
		},
		"wrong secret": {
			"InvalidSignatureException", "The request signature we calculated does not match",
			"AWS does not accept the signature: check the secret key and the clock (InvalidSignatureException: The request signature we calculated does not match)", "",
		},
		"several lines and an id": {
			"ValidationException", "one\n  two (Request ID: 7a62c49f-347e-4fc4-9331-6e8e7a96aa73)", "ValidationException: one two", "",
		},
		"very long": {"ValidationException", strings.Repeat("x", 5000), "ValidationException: " + strings.Repeat("x", 400) + "...", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := talkTo(t, failing(400, test.code, test.message), nil).ListEndpoints(t.Context())
			if err == nil || err.Error() != "listing endpoints: "+test.want {
				t.Errorf("got  %v\nwant listing endpoints: %s", err, test.want)
			}
			denied := (*Denied)(nil)
			if errors.As(err, &denied) != (test.action != "") || denied != nil && denied.Action != test.action {
				t.Errorf("denied %+v", denied)
			}
		})
	}
}

func TestErrors_saySameTextForTheSameTrouble(t *testing.T) {
	client := talkTo(t, failing(500, "InternalFailure", "sorry"), nil)
	_, first := client.ListEndpoints(t.Context())
	_, second := client.ListEndpoints(t.Context())
	if first.Error() != second.Error() {
		t.Errorf("got %v, then %v", first, second)
	}
}

// refusing is an address at which nobody listens.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

func TestErrors_ofTheConnection(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>not here", http.StatusNotFound) }))
	defer page.Close()
	welcome := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>welcome")) }))
	defer welcome.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	nobody := refusing(t)
	tests := map[string]struct{ url, want string }{
		"refused":     {nobody, "cannot reach " + nobody + ": connection refused (check AWS_ENDPOINT_URL or --aws.region)"},
		"not AWS":     {page.URL, page.URL + " does not answer like AWS (HTTP status 404): check AWS_ENDPOINT_URL and proxies"},
		"not AWS 200": {welcome.URL, welcome.URL + " does not answer like AWS: check AWS_ENDPOINT_URL and proxies"},
		"untrusted":   {secure.URL, "cannot reach " + secure.URL + ": its certificate is signed by an unknown authority (a proxy's can be named by AWS_CA_BUNDLE)"},
		"plain TLS":   {"https" + strings.TrimPrefix(page.URL, "http"), "cannot reach https" + strings.TrimPrefix(page.URL, "http") + ": http: server gave HTTP response to HTTPS client (check AWS_ENDPOINT_URL or --aws.region)"},
		"no URL":      {"127.0.0.1:4566", "endpoint URL 127.0.0.1:4566 is not one: want for example http://127.0.0.1:4566 in AWS_ENDPOINT_URL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			withKeys(t, test.url)
			client := connect(t, Access{}, Options{backoff: noBackoff})
			err := client.Probe(t.Context())
			if err == nil || err.Error() != "asking SageMaker in eu-west-1: "+test.want {
				t.Errorf("got  %v\nwant asking SageMaker in eu-west-1: %s", err, test.want)
			}
		})
	}
}

func TestErrors_hostThatDoesNotExist(t *testing.T) {
	missing := &net.DNSError{Err: "no such host", Name: "api.sagemaker.us-esat-1.amazonaws.com", IsNotFound: true}
	client := connect(t, Access{Region: "us-esat-1"}, Options{
		BaseURL: "https://api.sagemaker.us-esat-1.amazonaws.com", backoff: noBackoff,
		http: doer(func(*http.Request) (*http.Response, error) { return nil, &net.OpError{Op: "dial", Err: missing} }),
	})
	want := "asking SageMaker in us-esat-1: cannot reach https://api.sagemaker.us-esat-1.amazonaws.com: no such host (check AWS_ENDPOINT_URL or --aws.region)"
	if err := client.Probe(t.Context()); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestProbe_accessDeniedIsAnAnswer(t *testing.T) {
	f := failing(400, "AccessDeniedException", "no")
	if err := talkTo(t, f, nil).Probe(t.Context()); err != nil {
		t.Error(err)
	}
	f = failing(500, "InternalFailure", "no")
	if err := talkTo(t, f, nil).Probe(t.Context()); err == nil || f.count("ListEndpoints") != 2 {
		t.Errorf("%d calls, %v", f.count("ListEndpoints"), err)
	}
}

// Who names an endpoint needs no list: it is described, and only where that fails the list decides.
func TestProbe_ofANamedEndpoint(t *testing.T) {
	for name, test := range map[string]struct {
		answers *fake
		ok      bool
		lists   int
	}{
		"unknown": {failing(400, "ValidationException", "Could not find endpoint"), true, 0},
		"denied":  {failing(400, "AccessDeniedException", "no"), true, 0},
		"broken":  {failing(500, "InternalFailure", "no"), false, 2},
	} {
		err := talkTo(t, test.answers, nil).Probe(t.Context(), "e")
		if (err == nil) != test.ok || test.answers.count("ListEndpoints") != test.lists || test.answers.count("DescribeEndpoint") == 0 {
			t.Errorf("%s: %v after %d lists", name, err, test.answers.count("ListEndpoints"))
		}
	}
}

const noCredentials = "no AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or attach a role"

func TestCredentials_none(t *testing.T) {
	isolate(t)
	client := connect(t, Access{Region: "eu-west-1"}, Options{})
	_, err := client.Identify(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "verifying the AWS credentials: "+noCredentials) {
		t.Errorf("got %v", err)
	}
	if err := client.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), noCredentials) {
		t.Errorf("got %v", err)
	}
	assuming := connect(t, Access{Region: "eu-west-1", RoleARN: "arn:aws:iam::111122223333:role/r"}, Options{})
	if _, err := assuming.Identify(t.Context()); err == nil || !strings.Contains(err.Error(), noCredentials) {
		t.Errorf("got %v", err)
	}
}

func TestCredentials_noInstanceMetadataFailsInSeconds(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", silent.URL)
	start := time.Now()
	_, err := connect(t, Access{Region: "eu-west-1"}, Options{}).Identify(t.Context())
	// The search gives up after four seconds by its own clock; without a limit it would never end. The rest is for a busy machine.
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %s", took)
	}
	if err == nil || err.Error() != "verifying the AWS credentials: "+noCredentials {
		t.Errorf("got %v", err)
	}
}

func TestCredentials_unknownProfile(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_PROFILE", "typo")
	_, err := Connect(t.Context(), Access{Region: "eu-west-1"}, Options{})
	want := `loading the AWS configuration: AWS profile "typo" does not exist: check AWS_PROFILE and the files in ~/.aws`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestCredentials_roleDenied(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/r"
	server := httptest.NewServer(failing(403, "AccessDenied", "User: arn:aws:iam::444455556666:user/u is not authorized to perform: sts:AssumeRole on resource: "+role))
	defer server.Close()
	withKeys(t, server.URL)
	var seen record
	client := connect(t, Access{RoleARN: role, ExternalID: "x"}, Options{Observe: seen.observe})
	_, err := client.Identify(t.Context())
	want := "cannot assume role " + role + ": access denied (its trust policy must name the caller and the external id, and the caller needs sts:AssumeRole)"
	if err == nil || err.Error() != "verifying the AWS credentials: "+want {
		t.Errorf("got %v", err)
	}
	if err := client.Probe(t.Context()); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	if seen.String() != "STS.AssumeRole AccessDenied\nSTS.AssumeRole AccessDenied\n" {
		t.Errorf("got %s", &seen)
	}
}

func TestCredentials_roleWithExpiredToken(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/r"
	server := httptest.NewServer(failing(403, "ExpiredToken", "The security token included in the request is expired"))
	defer server.Close()
	withKeys(t, server.URL)
	_, err := connect(t, Access{RoleARN: role}, Options{}).Identify(t.Context())
	want := "verifying the AWS credentials: cannot assume role " + role + ": the AWS credentials have expired: renew them (ExpiredToken: The security token included in the request is expired)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestCredentials_roleOfAProfileDenied(t *testing.T) {
	f := failing(403, "AccessDenied", "User: u is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/other")
	isolate(t)
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(home, "config")
	text := "[profile p]\nrole_arn = arn:aws:iam::111122223333:role/other\nsource_profile = q\nregion = eu-west-1\n" +
		"[profile q]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = none\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_PROFILE", "p")
	_, err = connect(t, Access{}, Options{http: f}).Identify(t.Context())
	want := "verifying the AWS credentials: cannot assume role arn:aws:iam::111122223333:role/other: access denied (its trust policy must name the caller and the external id, and the caller needs sts:AssumeRole)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestIdentify_saysWhoseTheCredentialsAre(t *testing.T) {
	server := httptest.NewServer(newFake(map[string]func(int, map[string]any) answer{
		"GetCallerIdentity": one(`<GetCallerIdentityResponse><GetCallerIdentityResult><Account>444455556666</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`),
		"AssumeRole": func(_ int, request map[string]any) answer {
			if request["ExternalId"] != "shared" || request["RoleSessionName"] != "sagemaker-async-exporter" {
				t.Errorf("request %v", request)
			}
			return answer{body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>` +
				`<SessionToken>T</SessionToken><Expiration>2126-11-20T10:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`}
		},
	}))
	defer server.Close()
	withKeys(t, server.URL)
	if account, err := connect(t, Access{}, Options{}).Identify(t.Context()); err != nil || account != "444455556666" {
		t.Errorf("got %q, %v", account, err)
	}
	access := Access{RoleARN: "arn:aws:iam::111122223333:role/r", ExternalID: "shared"}
	if account, err := connect(t, access, Options{}).Identify(t.Context()); err != nil || account != "111122223333" {
		t.Errorf("got %q, %v", account, err)
	}
}

func TestConnect_badAccess(t *testing.T) {
	tests := map[string]struct {
		access Access
		want   string
	}{
		"no region":    {Access{}, "no AWS region: set --aws.region, a scope's region in the config file, or AWS_REGION"},
		"not a region": {Access{Region: "us east 1"}, `AWS region "us east 1" is not one: want for example us-east-1`},
		"not a role":   {Access{Region: "us-east-1", RoleARN: "exporter"}, `role ARN "exporter" is not one: want for example arn:aws:iam::111122223333:role/async-exporter`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			isolate(t)
			if _, err := Connect(t.Context(), test.access, Options{}); err == nil || err.Error() != test.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestConnect_embeddedNeedsNothingOfTheMachine(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_PROFILE", "typo")
	t.Setenv("AWS_ENDPOINT_URL", refusing(t))
	t.Setenv("AWS_ENDPOINT_URL_SAGEMAKER", refusing(t))
	t.Setenv("HTTP_PROXY", refusing(t))
	f := newFake(map[string]func(int, map[string]any) answer{"ListEndpoints": one(`{"Endpoints":[]}`)})
	server := httptest.NewServer(f)
	defer server.Close()
	client := connect(t, Access{}, Options{BaseURL: server.URL, Version: "1.2.3"})
	if err := client.Probe(t.Context()); err != nil || client.Region() != "us-east-1" {
		t.Errorf("region %s, %v", client.Region(), err)
	}
	for agent := range f.agents {
		if !strings.Contains(agent, "sagemaker-async-exporter/1.2.3") {
			t.Errorf("user agent %s", agent)
		}
	}
}

func TestConnect_ownCertificatesWork(t *testing.T) {
	server := httptest.NewTLSServer(newFake(map[string]func(int, map[string]any) answer{"ListEndpoints": one(`{"Endpoints":[]}`)}))
	defer server.Close()
	withKeys(t, server.URL)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, certificateOf(server), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	if err := connect(t, Access{}, Options{}).Probe(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestErrors_neverNameARequest(t *testing.T) {
	for _, text := range []string{"x, RequestID: 1a2b-3c", "x (Request ID: 1a2b)", "x; request id 1a-2b", "x HostId: abc/9def+="} {
		if got := oneLine(text); got != "x" {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	if got := oneLine("the host identity is fine"); got != "the host identity is fine" {
		t.Errorf("got %q", got)
	}
	if err := explain(context.Canceled); !errors.Is(err, context.Canceled) || !regexp.MustCompile(`^canceled$`).MatchString(err.Error()) {
		t.Errorf("got %v", err)
	}
}

// While AWS is unwell for long the SDK runs out of retries, and says how many it has left.
func TestErrors_sayTheSameWhenRetriesHaveRunOut(t *testing.T) {
	client := connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: closing(t), backoff: noBackoff, unlimited: true})
	var first string
	for i := range 60 {
		_, err := client.ListEndpoints(t.Context())
		switch {
		case err == nil:
			t.Fatal("there is an answer")
		case i == 0:
			first = err.Error()
		case err.Error() != first:
			t.Fatalf("error %d is %q, and the first was %q", i+1, err, first)
		}
	}
	if want := ": EOF (check AWS_ENDPOINT_URL or --aws.region)"; !strings.HasSuffix(first, want) {
		t.Errorf("%q does not end in %q", first, want)
	}
}

// closing is a server that closes each connection instead of an answer.
func closing(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(server.Close)
	return server.URL
}

// Whatever AWS's words name, the kinds of denials are no more than the operations.
func TestKind_ofADenialIsAnActionThatIsCalled(t *testing.T) {
	for words, want := range map[string]string{
		"User: x is not authorized to perform: sagemaker:ListEndpoints":                                              "denied sagemaker:ListEndpoints",
		"User: x is not authorized to perform: cloudwatch:DescribeAlarms because no identity-based policy allows it": "denied cloudwatch:DescribeAlarms",
		"User: x is not authorized to perform: a:B":                                                                  "denied sagemaker:ListEndpoints",
		"User: x is not authorized to perform: a:C with an explicit deny in a thing":                                 "denied sagemaker:ListEndpoints",
		"User: x is not authorized to perform: kms:Decrypt with an explicit deny in a b":                             "denied sagemaker:ListEndpoints",
	} {
		server := httptest.NewServer(failing(400, "AccessDeniedException", words))
		client := connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: server.URL, backoff: noBackoff})
		_, err := client.ListEndpoints(t.Context())
		kind := interface{ Kind() string }(nil)
		if !errors.As(err, &kind) || kind.Kind() != want {
			t.Errorf("%s: %v", words, err)
		}
		server.Close()
	}
}
