package awsapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
)

// Denied says that the credentials work but may not do what was asked.
type Denied struct {
	Action string // the missing IAM action, for example sagemaker:ListEndpoints
	By     string // what denies it explicitly, in AWS's words, for example "a service control policy"; normally empty
}

// Error names the missing action.
func (d *Denied) Error() string {
	if d.By != "" {
		return fmt.Sprintf("access denied: an explicit deny in %s forbids %s", d.By, d.Action)
	}
	return "access denied: the role lacks " + d.Action
}

// failure replaces the text of an SDK error, which is long and, by its request id, never twice the same.
type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() error { return f.cause }

// Kind is the same for all errors of one outage, whichever call failed and however it ended: AWS cannot be reached, or
// answers only that it cannot answer. Of errors that AWS gives a code it is the code, with the action that is denied.
func (f *failure) Kind() string {
	if denied := (*Denied)(nil); errors.As(f.cause, &denied) {
		return "denied " + deniedAction(f.cause, denied)
	}
	if bad := (*badAnswer)(nil); errors.As(f.cause, &bad) {
		return bad.kind() // its text may quote another part of the answer each time
	}
	if found := (*credentialsError)(nil); errors.As(f.cause, &found) {
		return "credentials"
	}
	switch code := codeOf(f.cause); {
	case code == CodeTimeout, code == CodeConnection, code == CodeCanceled, code == CodeUnreadable, unavailableCodes[code]:
		return "unavailable"
	case throttledCodes[code]:
		return "throttled"
	case code != CodeOther:
		return code
	}
	if api := smithy.APIError(nil); errors.As(f.cause, &api) {
		return CodeOther // its code may be another one each time
	}
	if some := (*unfinished)(nil); errors.As(f.cause, &some) {
		return "incomplete series"
	}
	if operation := innermostOperation(f.cause); operation != nil {
		return operation.OperationName
	}
	return CodeOther
}

var (
	unavailableCodes = set("InternalError", "InternalFailure", "InternalFailureException", "InternalServerError",
		"InternalServerException", "InternalServiceError", "InternalServiceException", "InternalServiceFault",
		"ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException", "DependencyTimeout")
	throttledCodes = set("RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "ThrottledException",
		"TooManyRequestsException")
	deniedCodes       = set("AccessDenied", "AccessDeniedException", "AuthFailure", "NotAuthorized", "UnauthorizedException", "UnauthorizedOperation")
	expiredCodes      = set("ExpiredToken", "ExpiredTokenException", "RequestExpired")
	unknownKeyCodes   = set("InvalidClientTokenId", "UnrecognizedClientException", "OptInRequired", "RegionDisabledException")
	badSignatureCodes = set("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
		"IncompleteSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException")
)

// deniedAction is one of the actions that are called here. AWS's words may name another one each time.
func deniedAction(err error, denied *Denied) string {
	for _, row := range operations {
		if row.Action == denied.Action {
			return row.Action
		}
	}
	if operation := innermostOperation(err); operation != nil {
		return actionOf(serviceName(operation.ServiceID), operation.OperationName)
	}
	return CodeOther
}

// explain turns an error of the SDK into one line that says what is wrong and, where it can be known, what to do. The
// SDK's error stays in the chain.
func explain(err error) error {
	if explained := (*failure)(nil); err == nil || errors.As(err, &explained) {
		return err
	}
	if found := (*credentialsError)(nil); errors.As(err, &found) {
		return explainCredentials(found)
	}
	if profile := (config.SharedConfigProfileNotExistError{}); errors.As(err, &profile) {
		return &failure{fmt.Sprintf("AWS profile %q does not exist: check AWS_PROFILE and the files in ~/.aws", profile.Profile), err}
	}
	if bad := (*badAnswer)(nil); errors.As(err, &bad) {
		return &failure{bad.Error(), err}
	}
	var api smithy.APIError
	var unreadable *smithy.DeserializationError
	switch {
	case errors.As(err, &api) && api.ErrorCode() != unknownError:
		return explainAPI(err, api)
	case errors.Is(err, context.Canceled):
		return &failure{"canceled", err}
	case timedOut(err):
		return &failure{"no answer" + from(err) + " in time", err}
	case connectionBroke(err):
		return &failure{"the connection to " + server(err) + " broke in the middle of an answer", err}
	case connectionFailed(err):
		return &failure{fmt.Sprintf("cannot reach %s: %s", server(err), connectionCause(err)), err}
	case errors.As(err, &unreadable), api != nil:
		return &failure{fmt.Sprintf("%s does not answer like AWS%s: check AWS_ENDPOINT_URL and proxies", server(err), status(err)), err}
	case badURL.MatchString(err.Error()):
		return &failure{fmt.Sprintf("endpoint URL %s is not one: want for example http://127.0.0.1:4566 in AWS_ENDPOINT_URL",
			withoutSecrets(badURL.FindStringSubmatch(err.Error())[1])), err}
	}
	return &failure{oneLine(innermost(err).Error()), err}
}

func explainAPI(err error, api smithy.APIError) error {
	code := api.ErrorCode()
	said := code
	if message := oneLine(api.ErrorMessage()); message != "" && message != code {
		said += ": " + message
	}
	switch {
	case deniedCodes[code]:
		return &failure{denied(err, api).Error(), errors.Join(denied(err, api), err)}
	case expiredCodes[code]:
		return &failure{fmt.Sprintf("the AWS credentials have expired: renew them (%s)", said), err}
	case unknownKeyCodes[code]:
		return &failure{fmt.Sprintf("AWS does not know the credentials: check the access key, and that the region is enabled for the account (%s)", said), err}
	case badSignatureCodes[code]:
		return &failure{fmt.Sprintf("AWS does not accept the signature: check the secret key and the clock (%s)", said), err}
	}
	return &failure{said, err}
}

var (
	actionWords = regexp.MustCompile(`not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)`)
	denyWords   = regexp.MustCompile(`explicit deny in (an? [a-z -]+[a-z])`)
	badURL      = regexp.MustCompile("(?:Custom endpoint `|Failed to parse uri: )([^`\\s]*)")
)

// denied takes the missing action from AWS's words, or else from the operation.
func denied(err error, api smithy.APIError) *Denied {
	d := &Denied{}
	if found := actionWords.FindStringSubmatch(api.ErrorMessage()); found != nil {
		d.Action = found[1]
	} else if operation := innermostOperation(err); operation != nil {
		d.Action = actionOf(serviceName(operation.ServiceID), operation.OperationName)
	}
	if found := denyWords.FindStringSubmatch(api.ErrorMessage()); found != nil {
		d.By = found[1]
	}
	return d
}

// explainCredentials says why there are no credentials. A role is assumed with other credentials, so the error of a
// role may hide that those could not be found.
func explainCredentials(found *credentialsError) error {
	if inner := (*credentialsError)(nil); errors.As(found.err, &inner) {
		return explainCredentials(inner)
	}
	operation := innermostOperation(found.err)
	if found.role == "" && (operation == nil || operation.ServiceID == "ec2imds") {
		switch {
		case errors.Is(found.err, context.Canceled):
			return &failure{"canceled", found}
		case timedOut(found.err) && operation == nil:
			return &failure{"no AWS credentials in time: their provider does not answer", found}
		}
		return &failure{"no AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or attach a role" + whyNone(found.err), found}
	}
	var api smithy.APIError
	role := found.role
	if errors.As(found.err, &api) {
		if named := roleWords.FindString(api.ErrorMessage()); role == "" && named != "" {
			role = named
		}
		if deniedCodes[api.ErrorCode()] && operation != nil && strings.HasPrefix(operation.OperationName, "AssumeRole") {
			return &failure{strings.TrimSpace("cannot assume role "+role) + ": access denied (its trust policy must name the caller" +
				" and the external id, and the caller needs " + actionOf(serviceSTS, operation.OperationName) + ")", found}
		}
	}
	if role != "" {
		return &failure{"cannot assume role " + role + ": " + explain(found.err).Error(), found}
	}
	return &failure{"no AWS credentials: " + explain(found.err).Error(), found}
}

var roleWords = regexp.MustCompile(`arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+`)

// whyNone is the cause of missing credentials where it says more than that nothing was configured.
func whyNone(err error) string {
	if operation := innermostOperation(err); operation != nil {
		return "" // the instance's metadata service: nobody who has no role there wants to read about it
	}
	return " (" + oneLine(innermost(err).Error()) + ")"
}

func connectionCause(err error) string {
	var name *net.DNSError
	var untrusted x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	const hint = " (check AWS_ENDPOINT_URL or --aws.region)"
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return "no such host" + hint
	case errors.As(err, &name):
		return "its name cannot be looked up (check DNS)"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused" + hint
	case errors.As(err, &untrusted):
		return "its certificate is signed by an unknown authority (a proxy's can be named by AWS_CA_BUNDLE)"
	case errors.As(err, &certificate):
		return oneLine(certificate.Err.Error()) + hint
	}
	return oneLine(innermost(err).Error()) + hint
}

func server(err error) string {
	if attempt := (*attemptError)(nil); errors.As(err, &attempt) && attempt.server != "" {
		return attempt.server
	}
	if sent := (*url.Error)(nil); errors.As(err, &sent) {
		if parsed, parseErr := url.Parse(sent.URL); parseErr == nil && parsed.Host != "" {
			return parsed.Scheme + "://" + parsed.Host
		}
	}
	return "the server"
}

func from(err error) string {
	if attempt := (*attemptError)(nil); errors.As(err, &attempt) && attempt.server != "" {
		return " from " + attempt.server
	}
	return ""
}

func status(err error) string {
	var answer interface{ HTTPStatusCode() int }
	if errors.As(err, &answer) && answer.HTTPStatusCode() >= 300 {
		return fmt.Sprintf(" (HTTP status %d)", answer.HTTPStatusCode())
	}
	return ""
}

func innermostOperation(err error) (innermost *smithy.OperationError) {
	for operation := (*smithy.OperationError)(nil); errors.As(err, &operation); {
		innermost, err = operation, operation.Err
		operation = nil
	}
	return innermost
}

// innermost is the cause. Of several that are joined it is that of the first: the SDK joins what went wrong with why it
// makes no further attempt, a count that is another one each time.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
			inner = joined.Unwrap()[0]
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}

var (
	spaces     = regexp.MustCompile(`\s+`)
	requestIDs = regexp.MustCompile(`(?i)[,;]?\s*[([]?\b(?:aws )?(?:request|host|extended request)[- ]?id[:=\s]\s*"?[\w/+=-]*\d[\w/+=-]*"?[)\]]?`)
)

// longest is enough for every message of AWS that was seen, and ends those that echo what was sent.
const longest = 400

// oneLine makes AWS's words fit for one line that is the same each time it is said, and that anybody may read.
func oneLine(text string) string {
	text = withoutSecrets(text)
	text = strings.TrimSpace(spaces.ReplaceAllString(requestIDs.ReplaceAllString(text, ""), " "))
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "..."
	}
	return text
}

// join makes one error of several, on one line, each text said once.
func join(errs ...error) error {
	var kept []error
	var texts []string
	said := map[string]bool{}
	for _, err := range errs {
		if err == nil || said[err.Error()] {
			continue
		}
		said[err.Error()] = true
		kept, texts = append(kept, err), append(texts, err.Error())
	}
	if len(kept) == 0 {
		return nil
	}
	return &failure{strings.Join(texts, "; "), errors.Join(kept...)}
}
