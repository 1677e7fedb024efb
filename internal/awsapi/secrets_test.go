package awsapi

import (
	"strings"
	"testing"
)

// AWS says what it was sent, and the exporter does not say it on.
func TestErrors_tellNoSecretThatAWSRepeats(t *testing.T) {
	for name, test := range map[string]struct{ code, message, want string }{
		"a refused signature": {
			"InvalidSignatureException",
			"The request signature we calculated does not match.\n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:x\nx-amz-security-token:planted\n\nhost'\n\nThe String-to-Sign should have been\n'AWS4 planted'",
			"AWS does not accept the signature: check the secret key and the clock (InvalidSignatureException: The request signature we calculated does not match.)",
		},
		"a header": {
			"IncompleteSignatureException", "'x-amz-security-token: planted' Authorization=AWS4-HMAC-SHA256 Credential=AKIAPLANTEDPLANTED00/20260302/eu-west-1, Signature=planted",
			"AWS does not accept the signature: check the secret key and the clock (IncompleteSignatureException: 'x-amz-security-token: (hidden)' Authorization=AWS4-HMAC-SHA256 Credential=(hidden), Signature=(hidden))",
		},
		"an external id": {
			"ValidationException", "1 validation error detected: Value 'planted it's' at 'externalId' failed to satisfy constraint: Member must have length greater than or equal to 2",
			"ValidationException: 1 validation error detected: Value (hidden) at 'externalId' failed to satisfy constraint: Member must have length greater than or equal to 2",
		},
		"a token": {
			"ValidationException", "Value 'planted' at 'webIdentityToken' failed; Value 'planted' at 'sessionToken' failed; Value 'm5' at 'instanceType' failed",
			"ValidationException: Value (hidden) at 'webIdentityToken' failed; Value (hidden) at 'sessionToken' failed; Value 'm5' at 'instanceType' failed",
		},
		"an access key": {
			"UnrecognizedClientException", "The key AKIAPLANTEDPLANTED00 is unknown",
			"AWS does not know the credentials: check the access key, and that the region is enabled for the account (UnrecognizedClientException: The key (access key) is unknown)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := talkTo(t, failing(400, test.code, test.message), nil).ListEndpoints(t.Context())
			if err == nil || err.Error() != "listing endpoints: "+test.want {
				t.Errorf("got  %v\nwant listing endpoints: %s", err, test.want)
			}
		})
	}
}

func TestErrors_ofAnEndpointURLHaveNoPassword(t *testing.T) {
	withKeys(t, "http://jo:planted@127.0.0.1:99999999")
	err := connect(t, Access{}, Options{backoff: noBackoff}).Probe(t.Context())
	if err == nil || strings.Contains(err.Error(), "planted") {
		t.Errorf("got %v", err)
	}
}
