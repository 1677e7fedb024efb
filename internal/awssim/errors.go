package awssim

import (
	"errors"
	"net/http"

	"github.com/sagemaker-async/exporter/internal/sim"
)

// failure is an error answer. The code is the name of the error in the JSON protocols; the query protocol has another
// name for some of them.
type failure struct {
	code    string
	message string
	status  int // of HTTP; the protocol's own for the code when it is 0
}

func (f *failure) Error() string { return f.code + ": " + f.message }

func fail(code, message string) *failure {
	return &failure{code: code, message: message}
}

// isNull is AWS's answer to a required member that is missing.
func isNull(name string) *failure {
	return fail("ValidationException", "1 validation error detected: Value null at '"+name+"' failed to satisfy "+
		"constraint: Member must not be null")
}

// failureOf makes an answer of an operation's error.
func failureOf(err error) *failure {
	var answer *failure
	var model *sim.Error
	switch {
	case errors.As(err, &answer):
		return answer
	case errors.As(err, &model):
		return fail(model.Code, model.Message)
	}
	return fail("InternalFailure", err.Error())
}

// statuses are the HTTP statuses of those errors that are not a 400.
var statuses = map[string]int{
	"AccessDenied":                http.StatusForbidden,
	"ExpiredToken":                http.StatusForbidden,
	"InvalidClientTokenId":        http.StatusForbidden,
	"MissingAuthenticationToken":  http.StatusForbidden,
	"IncompleteSignature":         http.StatusForbidden,
	"InternalFailure":             http.StatusInternalServerError,
	"InternalServerError":         http.StatusInternalServerError,
	"InternalServiceFault":        http.StatusInternalServerError,
	"InternalServiceException":    http.StatusInternalServerError,
	"InternalServiceError":        http.StatusInternalServerError,
	"ServiceUnavailable":          http.StatusServiceUnavailable,
	"ServiceUnavailableException": http.StatusServiceUnavailable,
	"ResourceNotFound":            http.StatusNotFound,
	"ConcurrentModification":      http.StatusTooManyRequests,
	"UnknownOperationException":   http.StatusNotFound,
}

// statusOf is the HTTP status of an error in the protocols of CloudWatch and STS.
func statusOf(code string) int {
	for _, name := range []string{code, queryCode(code)} {
		if status := statuses[name]; status != 0 {
			return status
		}
	}
	return http.StatusBadRequest
}

// queryCodes are the names that the query protocol, which is older, gives to errors.
var queryCodes = map[string]string{
	"AccessDeniedException":                "AccessDenied",
	"ExpiredTokenException":                "ExpiredToken",
	"IncompleteSignatureException":         "IncompleteSignature",
	"InternalServiceFault":                 "InternalServiceError",
	"InvalidParameterCombinationException": "InvalidParameterCombination",
	"InvalidParameterValueException":       "InvalidParameterValue",
	"LimitExceededFault":                   "LimitExceeded",
	"InvalidFormatFault":                   "InvalidFormat",
	"MissingAuthenticationTokenException":  "MissingAuthenticationToken",
	"MissingRequiredParameterException":    "MissingParameter",
	"ThrottlingException":                  "Throttling",
	"UnknownOperationException":            "InvalidAction",
	"UnrecognizedClientException":          "InvalidClientTokenId",
	"ValidationException":                  "ValidationError",
}

func queryCode(code string) string {
	if name, ok := queryCodes[code]; ok {
		return name
	}
	return code
}

// jsonCodes is queryCodes turned around.
var jsonCodes = func() map[string]string {
	names := make(map[string]string, len(queryCodes))
	for name, older := range queryCodes {
		names[older] = name
	}
	return names
}()

func jsonCode(code string) string {
	if name, ok := jsonCodes[code]; ok {
		return name
	}
	return code
}
