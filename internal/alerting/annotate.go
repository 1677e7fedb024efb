package alerting

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// longest is how many runes an annotation that an alert about an endpoint is given may have: a page is read on a phone.
const longest = 500

// endpoint is one, as the labels of an alert name it.
type endpoint struct{ account, region, name string }

// endpointOf is the endpoint that an alert is about, if it is about one.
func endpointOf(of labels.Labels) (endpoint, bool) {
	e := endpoint{of.Get("account_id"), of.Get("region"), of.Get("endpoint_name")}
	return e, e.account != "" && e.region != "" && e.name != ""
}

// symptom is the layer of an alert that says that a queue is not worked on, and not why.
const symptom = "symptom"

// annotated are the annotations of an alert of a layer with the reason added. What a rule says itself stays, but for the
// runbook of a symptom.
func annotated(layer string, annotations labels.Labels, reason paging.Reason) labels.Labels {
	builder := labels.NewBuilder(annotations)
	for name, text := range map[string]string{paging.ExplanationAnnotation: reason.Explanation, paging.AWSMessageAnnotation: reason.AWSMessage} {
		if text = printable(text); text != "" && !annotations.Has(name) {
			builder.Set(name, text)
		}
	}
	// The runbook of a symptom says how to look for the cause; here the cause is known.
	if layer == symptom && reason.Page != "" {
		builder.Set(runbookAnnotation, reason.Page)
	}
	return builder.Labels()
}

// printable is a text on one line without what a terminal would obey. Of one that is too long both ends are kept, for AWS
// says what was asked at the beginning and what is wrong at the end.
func printable(text string) string {
	runes := []rune(strings.Join(strings.Fields(plan.Printable(strings.ToValidUTF8(text, "\uFFFD"))), " "))
	if len(runes) <= longest {
		return string(runes)
	}
	const gap = " … "
	left := longest - len([]rune(gap))
	head := left * 2 / 3
	return string(runes[:head]) + gap + string(runes[len(runes)-(left-head):])
}
