package awsapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"golang.org/x/time/rate"
)

// Call is one attempt of one AWS operation, retries included.
type Call struct {
	Service   string // SageMaker, ApplicationAutoScaling, CloudWatch, STS, or what the SDK asks for credentials (SSO, SSOOIDC, Signin)
	Operation string // for example ListEndpoints
	// Code is how the attempt ended: CodeOK, one of the other Code constants, or one of AWS's own well-known error
	// codes (see knownCodes). The set is closed: an error code that is not known is CodeOther.
	Code     string
	Duration time.Duration // from signing to the end of the answer; waiting for the rate limit is left out
}

// How an attempt ended, where AWS's own error code does not say it.
const (
	CodeOK         = "OK"
	CodeTimeout    = "timeout"    // no answer within the time of one attempt, or of the observation
	CodeConnection = "connection" // no connection, or a broken one: name not found, refused, TLS
	CodeCanceled   = "canceled"   // the exporter stopped waiting
	CodeUnreadable = "unreadable" // an answer that AWS would not give, for example a proxy's error page
	CodeOther      = "other"
)

// knownCodes are AWS's error codes that may become a label value: the common errors of all services and those of the
// operations used here. Anything else might be without bound: a wrong server can answer anything.
var knownCodes = set(
	"AccessDenied", "AccessDeniedException", "AuthFailure", "ConcurrentUpdateException", "DependencyTimeout",
	"ExpiredToken", "ExpiredTokenException", "FailedResourceAccessException", "IDPCommunicationError", "IncompleteSignature",
	"IncompleteSignatureException", "InternalError", "InternalFailure", "InternalFailureException", "InternalServerError",
	"InternalServerException", "InternalServiceError", "InternalServiceException", "InternalServiceFault",
	"InvalidAction", "InvalidClientTokenId", "InvalidIdentityToken", "InvalidNextToken", "InvalidNextTokenException",
	"InvalidParameterCombination", "InvalidParameterCombinationException", "InvalidParameterValue",
	"InvalidParameterValueException", "InvalidSignatureException", "LimitExceeded", "LimitExceededException",
	"LimitExceededFault", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "MissingParameter",
	"MissingRequiredParameterException", "NotAuthorized", "ObjectNotFoundException", "OptInRequired",
	"RegionDisabledException", "RequestExpired", "RequestLimitExceeded", "RequestTimeout", "RequestTimeoutException",
	"ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound", "ResourceNotFoundException", "ServiceUnavailable",
	"ServiceUnavailableException", "SignatureDoesNotMatch", "SlowDown", "Throttling", "ThrottlingException",
	"ThrottledException", "TooManyRequestsException", "UnauthorizedException", "UnauthorizedOperation",
	"UnknownOperationException", "UnrecognizedClientException", "ValidationError", "ValidationException",
)

func set(members ...string) map[string]bool {
	found := make(map[string]bool, len(members))
	for _, member := range members {
		found[member] = true
	}
	return found
}

// attempts is the middleware through which each attempt of each operation passes, after the SDK has decided to make
// it and has found credentials and endpoint for it: it waits for the rate limit, and it observes.
type attempts struct {
	limits  map[string]*rate.Limiter // by service and operation
	more    map[string]*rate.Limiter // the same of what a Hurried context adds
	calm    *atomic.Bool             // AWS has throttled what was hurried: nothing is any more
	other   *rate.Limiter
	longest time.Duration // of one attempt
	observe func(Call)
}

func newAttempts(o Options) *attempts {
	a := &attempts{limits: map[string]*rate.Limiter{}, more: map[string]*rate.Limiter{}, calm: &atomic.Bool{}, other: otherLimit.limiter(o.Speed), longest: attemptLimit(o), observe: o.Observe}
	if a.observe == nil {
		a.observe = func(Call) {}
	}
	for _, row := range operations {
		limiter := row.limiter(o.Speed)
		if o.unlimited {
			limiter.SetLimit(rate.Inf)
		}
		a.limits[row.Service+"."+row.Name] = limiter
		if hurried[row.Name] {
			a.more[row.Service+"."+row.Name] = hurriedLimit.limiter(o.Speed)
		}
	}
	return a
}

// add puts the middleware right before the signature: inside of the retries, so that each attempt counts, and after
// the credentials, so that neither the limit nor the observed time is spent on finding them. What is not signed is the
// instance's metadata service, which is no AWS API.
func (a *attempts) add(stack *middleware.Stack) error {
	if _, signed := stack.Finalize.Get("Signing"); !signed {
		return nil
	}
	return stack.Finalize.Insert(a, "Signing", middleware.Before)
}

// ID names the middleware for the SDK.
func (a *attempts) ID() string { return "LimitAndObserve" }

// HandleFinalize makes one attempt.
func (a *attempts) HandleFinalize(
	ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
) (middleware.FinalizeOutput, middleware.Metadata, error) {
	service, operation := serviceName(middleware.GetServiceID(ctx)), middleware.GetOperationName(ctx)
	limiter, ok := a.limits[service+"."+operation]
	if !ok {
		limiter = a.other
	}
	more := a.more[service+"."+operation]
	hurries := more != nil && ctx.Value(hurryKey{}) != nil && !a.calm.Load()
	if hurries && more.Allow() {
		limiter = nil
	}
	if err := wait(ctx, limiter, 1); err != nil {
		// A CanceledError is never retried: there is no time left to do it in.
		return middleware.FinalizeOutput{}, middleware.Metadata{}, &smithy.CanceledError{Err: err}
	}
	start := time.Now()
	out, metadata, err := next.HandleFinalize(ctx, in)
	took := time.Since(start)
	if took >= a.longest && connectionBroke(err) {
		err = &cutOffError{err}
	}
	if code := codeOf(err); hurries && throttles[code] {
		a.calm.Store(true)
	}
	a.observe(Call{Service: service, Operation: operation, Code: codeOf(err), Duration: took})
	if err != nil {
		err = &attemptError{server: serverOf(in.Request), err: err}
	}
	return out, metadata, err
}

// hurryKey marks a context whose calls are in a hurry.
type hurryKey struct{}

// Hurried lets the calls that describe endpoints go up to twice as fast as usual, until AWS throttles one of them. It is for a
// first view, when nothing is known yet.
func Hurried(ctx context.Context) context.Context { return context.WithValue(ctx, hurryKey{}, true) }

// throttles are the codes by which AWS says that there were too many calls.
var throttles = set(
	"LimitExceededException", "RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException",
)

// wait takes n tokens, if there is a limit; when ctx ends before they come it fails with what ended, or will end, ctx.
func wait(ctx context.Context, limiter *rate.Limiter, n int) error {
	if limiter == nil {
		return ctx.Err()
	}
	err := limiter.WaitN(ctx, n)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("waiting for the rate limit: %w", context.DeadlineExceeded)
}

// attemptError remembers which server was asked; its text is that of the error itself, on which the SDK's retries
// depend.
type attemptError struct {
	server string // scheme and host
	err    error
}

func (e *attemptError) Error() string { return e.err.Error() }

func (e *attemptError) Unwrap() error { return e.err }

// cutOffError is an answer that the time of its attempt ended. net/http may then also report that the
// connection was closed under its reader, as it does when the server breaks it off.
type cutOffError struct{ err error }

func (e *cutOffError) Error() string { return e.err.Error() }

func (e *cutOffError) Timeout() bool { return true }

func (e *cutOffError) Unwrap() error { return e.err }

func serverOf(request any) string {
	sent, ok := request.(*smithyhttp.Request)
	if !ok || sent.URL == nil {
		return ""
	}
	return (&url.URL{Scheme: sent.URL.Scheme, Host: sent.URL.Host}).String()
}

// serviceName turns the SDK's service id ("Application Auto Scaling") into one word.
func serviceName(id string) string { return strings.ReplaceAll(id, " ", "") }

// codeOf is the Code of a Call that ended with err.
func codeOf(err error) string {
	var api smithy.APIError
	var unreadable *smithy.DeserializationError
	switch {
	case err == nil:
		return CodeOK
	case errors.As(err, &api):
		switch code := api.ErrorCode(); {
		case knownCodes[code]:
			return code
		case code == unknownError:
			return CodeUnreadable
		}
		return CodeOther
	case errors.Is(err, context.Canceled):
		return CodeCanceled
	case timedOut(err):
		return CodeTimeout
	case connectionFailed(err):
		return CodeConnection
	case errors.As(err, &unreadable), isBadAnswer(err):
		return CodeUnreadable
	}
	return CodeOther
}

// unknownError is the code that the SDK makes up for an answer without one.
const unknownError = "UnknownError"

func timedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

func connectionFailed(err error) bool {
	var sent *smithyhttp.RequestSendError
	return errors.As(err, &sent) || connectionBroke(err)
}

// connectionBroke tells whether the answer began and did not end.
func connectionBroke(err error) bool {
	var network *net.OpError
	var unreadable *smithy.DeserializationError
	return errors.As(err, &unreadable) && (errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network))
}
