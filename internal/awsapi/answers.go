package awsapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// answers reads each answer whole, within the bounds of its operation, before the SDK decodes it, and verifies what the
// SDK has made of it. net/http has unpacked it by then, so a bomb counts with what it becomes.
type answers struct{}

func (answers) add(stack *middleware.Stack) error {
	read := middleware.DeserializeMiddlewareFunc("ReadWithinBounds", readWithinBounds)
	if err := stack.Deserialize.Add(read, middleware.After); err != nil { // nearest to the network
		return err
	}
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("VerifyAnswer", verifyAnswer), middleware.Before)
}

func readWithinBounds(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	response, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok || response.Body == nil {
		return out, metadata, err
	}
	body, err := readBody(ctx, response)
	_ = response.Body.Close() // what is left unread ends with the connection
	response.Body = io.NopCloser(bytes.NewReader(body))
	return out, metadata, err
}

func readBody(ctx context.Context, response *smithyhttp.Response) ([]byte, error) {
	service, operation := serviceName(middleware.GetServiceID(ctx)), middleware.GetOperationName(ctx)
	bad := func(format string, args ...any) error {
		return &badAnswer{service: service, operation: operation, what: fmt.Sprintf(format, args...)}
	}
	limit, ok := bounds[operation]
	if !ok {
		limit = otherBound
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		// Its status says enough where the rest is no error of AWS's.
		body, err := io.ReadAll(io.LimitReader(response.Body, longestFailure))
		if err != nil {
			return nil, &smithy.DeserializationError{Err: err}
		}
		if s, err := shapeOf(service, body); err != nil || s.depth > deepest || s.values > limit.values {
			body = nil
		}
		return body, nil
	}
	if response.ContentLength > int64(limit.body) {
		return nil, bad("answer longer than %s", size(limit.body))
	}
	var buffer bytes.Buffer
	if response.ContentLength > 0 {
		buffer.Grow(int(response.ContentLength) + bytes.MinRead)
	}
	switch _, err := buffer.ReadFrom(io.LimitReader(response.Body, int64(limit.body)+1)); {
	case buffer.Len() > limit.body:
		return nil, bad("answer longer than %s", size(limit.body))
	case err != nil:
		return nil, &smithy.DeserializationError{Err: err}
	}
	s, err := shapeOf(service, buffer.Bytes())
	switch {
	case err != nil:
		return nil, &smithy.DeserializationError{Err: err}
	case !writesOnly(operation) && !isObject(service, buffer.Bytes()):
		return nil, &smithy.DeserializationError{Err: errors.New("the answer is no object")}
	case s.depth > deepest:
		return nil, bad("answer nested deeper than %d levels", deepest)
	case s.values > limit.values:
		return nil, bad("answer of more than %d values", limit.values)
	case s.number > longestNumber:
		return nil, bad("answer with a number longer than %d characters", longestNumber)
	}
	if err := wellFormed(service, buffer.Bytes()); err != nil {
		return nil, &smithy.DeserializationError{Err: err}
	}
	if of := questionOf(ctx); of != nil {
		of.bytes, of.rows, of.values = of.bytes+buffer.Len(), of.rows+s.rows, of.values+s.values
		switch {
		case of.bytes > limit.total:
			return nil, bad("pages together longer than %s", size(limit.total))
		case of.rows > limit.rows:
			return nil, bad("more than %d rows", limit.rows)
		case of.values > limit.allValues():
			return nil, bad("pages together of more than %d values", limit.allValues())
		}
	}
	return buffer.Bytes(), nil
}

// shapeOf measures an answer in the protocol of its service. Answers of other services are short, and decoded as they
// come.
func shapeOf(service string, body []byte) (shape, error) {
	switch {
	case len(body) == 0:
		return shape{}, nil
	case service == serviceCloudWatch:
		s, err := shapeOfCBOR(body)
		return s, err
	case service == serviceSageMaker || service == serviceAutoScaling:
		return shapeOfJSON(body), nil
	}
	return shape{}, nil
}

// wellFormed is nil if an answer is one value in the protocol of its service. That of CBOR is known by its shape.
func wellFormed(service string, body []byte) error {
	if len(body) > 0 && (service == serviceSageMaker || service == serviceAutoScaling) {
		return strictJSON(body)
	}
	return nil
}

// isObject tells whether an answer has members. A list that AWS's model calls optional may be left out, but not all.
func isObject(service string, body []byte) bool {
	switch service {
	case serviceCloudWatch:
		return len(body) > 0 && body[0]>>5 == cborMap
	case serviceSageMaker, serviceAutoScaling:
		return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
	}
	return true
}

// question is what the pages of one question have brought so far.
type question struct{ bytes, rows, values int }

type questionKey struct{}

// withQuestion begins a question.
func withQuestion(ctx context.Context) context.Context {
	return context.WithValue(ctx, questionKey{}, &question{})
}

func questionOf(ctx context.Context) *question {
	of, _ := ctx.Value(questionKey{}).(*question)
	return of
}

func verifyAnswer(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
	operation := middleware.GetOperationName(ctx)
	wrong := func(what string) error {
		return &badAnswer{serviceName(middleware.GetServiceID(ctx)), operation, what, true}
	}
	// The SDK's decoder of CBOR panics where an operation that has no answer is given one.
	defer func() {
		if recovered := recover(); recovered != nil {
			out.Result, err = nil, wrong("answer cannot be decoded")
		}
	}()
	out, metadata, err = next.HandleDeserialize(ctx, in)
	if err != nil || out.Result == nil {
		return out, metadata, err
	}
	if what := verified(operation, out.Result); what != "" {
		out.Result = nil
		return out, metadata, wrong(what)
	}
	return out, metadata, nil
}

// finite tells whether it is a number that AWS may send.
func finite(number float64) bool { return !math.IsNaN(number) && !math.IsInf(number, 0) }
