package alerting

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/sagemaker-async/exporter/internal/paging"
)

func TestAnnotated_addsTheReasonAndLeavesTheRest(t *testing.T) {
	own := labels.FromStrings("summary", "it sleeps", "aws_message", "the rule's own")
	for name, tt := range map[string]struct {
		layer  string
		before labels.Labels
		reason paging.Reason
		want   labels.Labels
	}{
		"both": {
			"cause",
			labels.FromStrings("summary", "it sleeps"),
			paging.Reason{Explanation: "nothing wakes it", AWSMessage: "no capacity"},
			labels.FromStrings("summary", "it sleeps", "explanation", "nothing wakes it", "aws_message", "no capacity"),
		},
		"AWS says nothing": {"", labels.EmptyLabels(), paging.Reason{Explanation: "nothing wakes it"}, labels.FromStrings("explanation", "nothing wakes it")},
		"nobody does":      {"symptom", labels.FromStrings("summary", "it sleeps"), paging.Reason{}, labels.FromStrings("summary", "it sleeps")},
		"the rule's own stays": {
			"", own, paging.Reason{AWSMessage: "no capacity"}, own,
		},
		"a symptom links what to do about its cause": {
			"symptom", labels.FromStrings("runbook_url", "of the symptom"),
			paging.Reason{Explanation: "nothing wakes it", Page: "of the cause"},
			labels.FromStrings("runbook_url", "of the cause", "explanation", "nothing wakes it"),
		},
		"a cause has its own": {
			"cause", labels.FromStrings("runbook_url", "of the alert"), paging.Reason{Page: "of another"}, labels.FromStrings("runbook_url", "of the alert"),
		},
		"no page is known": {
			"symptom", labels.FromStrings("runbook_url", "of the symptom"), paging.Reason{}, labels.FromStrings("runbook_url", "of the symptom"),
		},
	} {
		if got := annotated(tt.layer, tt.before, tt.reason); !labels.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestPrintable_isOneLineAndShort(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		"plain":                      "plain",
		"two\nlines\t\tand more\r\n": "two lines and more",
		"\x1b[31mred\x00":            "[31mred",
		"\xff\xfe":                   "\uFFFD",
		"warteschlängen":             "warteschlängen",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	long := "begins " + strings.Repeat("ä", 2*longest) + " ends"
	got := printable(long)
	if utf8.RuneCountInString(got) != longest || !strings.HasPrefix(got, "begins ä") || !strings.HasSuffix(got, "ä ends") || strings.Count(got, " … ") != 1 {
		t.Errorf("%d runes: %s", utf8.RuneCountInString(got), got)
	}
	exact := strings.Repeat("ä", longest)
	if printable(exact) != exact {
		t.Error("a text of the greatest length is cut")
	}
}
