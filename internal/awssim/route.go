package awssim

import (
	"net/http"
	"net/url"
	"strings"
)

// service is one of AWS's services.
type service struct {
	name       string // in Calls
	iam        string // in the names of IAM actions
	operations map[string]operation
}

// operation answers one request. It is called with the world locked; what it returns shares nothing with the world
// that may change. An operation without output returns nil.
type operation func(*call) (record, error)

var (
	sagemaker  = &service{name: "SageMaker", iam: "sagemaker", operations: sagemakerOperations}
	scaling    = &service{name: "ApplicationAutoScaling", iam: "application-autoscaling", operations: scalingOperations}
	cloudwatch = &service{name: "CloudWatch", iam: "cloudwatch", operations: cloudwatchOperations}
	sts        = &service{name: "STS", iam: "sts", operations: stsOperations}
)

// The protocols, by the service that speaks them.
var (
	json11          = jsonProtocol{contentType: "application/x-amz-json-1.1"}
	cloudwatchJSON  = jsonProtocol{contentType: "application/x-amz-json-1.0", queryErrors: true}
	cloudwatchQuery = queryProtocol{namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/"}
	stsQuery        = queryProtocol{namespace: "https://sts.amazonaws.com/doc/2011-06-15/"}
)

// granite is CloudWatch's own name in its newer protocols.
const granite = "GraniteServiceVersion20100801"

// route tells which operation a request is for, and in which protocol. Without a service nothing here could have
// answered it.
func route(r *http.Request, body []byte) (s *service, operation string, p protocol) {
	if name, found := strings.CutPrefix(r.URL.Path, "/service/"+granite+"/operation/"); found {
		return cloudwatch, name, cborProtocol{}
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		prefix, name, _ := strings.Cut(target, ".")
		switch prefix {
		case "SageMaker":
			return sagemaker, name, json11
		case "AnyScaleFrontendService":
			return scaling, name, json11
		case granite:
			return cloudwatch, name, cloudwatchJSON
		}
		return nil, target, json11
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, "", stsQuery
	}
	switch form.Get("Version") {
	case "2010-08-01":
		return cloudwatch, form.Get("Action"), cloudwatchQuery
	case "2011-06-15":
		return sts, form.Get("Action"), stsQuery
	}
	return nil, form.Get("Action"), stsQuery
}
