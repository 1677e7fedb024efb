package collector

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// hostile are names and tags that somebody may give.
var hostile = []string{
	"", "transcribe", `quoted "name" \ \n`, "line\nbreak\r\n\ttab", "\u202eright to left\u2066 \u05d0", "\xff\xfe\xc3(", "\x00\x1b[2J", "a{b=\"c\"} 1\n# EOF\n", "\u2028\ufeff\ufffd",
}

// Whatever a name or a tag is, a scraper reads it as it is, in each format.
func FuzzLabels(f *testing.F) {
	for _, seed := range hostile {
		f.Add(seed, "speech")
		f.Add("transcribe", seed)
	}
	f.Fuzz(reads)
}

func TestLabels_mayBeLong(t *testing.T) {
	long := strings.Repeat("\u00e9\"\\\n", 16<<10) // more than 64 KiB
	reads(t, long, "speech")
	reads(t, "transcribe", long)
}

// reads shows an endpoint and a tag of its, and reads them as a scraper does.
func reads(t *testing.T, name, tag string) {
	t.Helper()
	snapshot := world()
	endpoint := &snapshot.Endpoints[0]
	config := "of " + tag // an endpoint without one is not described yet
	endpoint.Name, endpoint.ConfigName, endpoint.Variants[0].Name = name, config, tag
	endpoint.Tags = map[string]string{"team": tag}
	x, failures := exposed(snapshot)
	want := map[string]string{
		"endpoint_name": strings.ToValidUTF8(name, "\ufffd"), "endpoint_config_name": strings.ToValidUTF8(config, "\ufffd"), "tag_team": strings.ToValidUTF8(tag, "\ufffd"),
	}
	for accept, parse := range map[string]func([]byte) (map[string]*dto.MetricFamily, error){"": parseText, protobuf + "delimited": parseProtobuf} {
		families, err := parse(scraped(x, "Accept", accept).Body.Bytes())
		if err != nil {
			t.Fatalf("%q: %v", accept, err)
		}
		info := families["sagemaker_async_endpoint_info"].GetMetric()
		if len(info) != 1 {
			t.Fatalf("%q: %d series of endpoint_info", accept, len(info))
		}
		for _, pair := range info[0].Label {
			if value, ok := want[pair.GetName()]; ok && pair.GetValue() != value {
				t.Errorf("%q: %s: got %q, want %q", accept, pair.GetName(), pair.GetValue(), value)
			}
		}
		if variant := families["sagemaker_async_instances_current"].GetMetric(); len(variant) != 1 {
			t.Errorf("%q: %d series of instances_current", accept, len(variant))
		}
	}
	// OpenMetrics has the lines of the text format with the same escapes, and one end.
	page := scraped(x, "Accept", "application/openmetrics-text;version=1.0.0").Body.String()
	if !strings.HasSuffix(page, "\n# EOF\n") || strings.Count(page, "\n# EOF\n") != 1 {
		t.Errorf("OpenMetrics ends %d times", strings.Count(page, "\n# EOF\n"))
	}
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "sagemaker_async_") {
			t.Errorf("a line of OpenMetrics is %q", line)
		}
	}
	if len(*failures) > 0 {
		t.Errorf("not everything is shown: %v", *failures)
	}
}

func parseText(page []byte) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(bytes.NewReader(page))
}

func parseProtobuf(page []byte) (map[string]*dto.MetricFamily, error) {
	families := map[string]*dto.MetricFamily{}
	decoder := expfmt.NewDecoder(bytes.NewReader(page), expfmt.FmtProtoDelim)
	for {
		family := &dto.MetricFamily{}
		switch err := decoder.Decode(family); {
		case errors.Is(err, io.EOF):
			return families, nil
		case err != nil:
			return nil, err
		}
		families[family.GetName()] = family
	}
}
