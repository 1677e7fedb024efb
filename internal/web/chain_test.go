package web

import (
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

func TestEndpoint_explainsItselfBelowItsRow(t *testing.T) {
	s := newSite(t)
	const path = "/status/111122223333/us-east-1/transcribe"
	s.set = &report.Set{Reports: []report.Report{full()}}
	for _, part := range []string{
		`<h2 id="chain">From request to instance</h2>`, `<span class="badge critical">needs attention</span> <bdi>transcribe does not wake`,
		"<b>queue</b> <span class=\"badge critical\">broken</span>", `aria-label="Runbook SageMakerAsyncLatencyObjectiveMissed for the queue"`,
		"<b>policy</b> <span class=\"badge critical\">broken</span>", `Evidence <span class="hidden">for the policy </span>`,
		`checks.md#no_wake_policy" rel="noreferrer">no_wake_policy</a>`, "<dt><bdi>max capacity</bdi></dt><dd><bdi>5</bdi></dd>",
	} {
		s.want("GET", path, 200, part)
	}
	page := s.get(path).Body.String()
	if row, chain, checks := strings.Index(page, "</table>"), strings.Index(page, `id="chain"`), strings.Index(page, `id="checks"`); row >= chain || chain >= checks {
		t.Errorf("the row ends at %d, the chain begins at %d and the checks at %d", row, chain, checks)
	}
}

func TestChain_namesVariantsOnlyWhereThereAreSeveral(t *testing.T) {
	for names, want := range map[string]string{"v": "", "Blue Green": "Green"} {
		r := full()
		e := &r.Snapshot.Endpoints[0]
		e.Variants = nil
		var concluded []report.Variant
		for name := range strings.SplitSeq(names, " ") {
			e.Variants = append(e.Variants, fleet.Variant{Name: name})
			concluded = append(concluded, report.Variant{Findings: []check.Finding{failing("no_failure_path", check.Info, "Answers are lost.")}})
		}
		concludes(&r, 0, concluded...)
		page, err := viewOf(report.Set{Reports: []report.Report{r}}, at, "111122223333", "us-east-1", "transcribe")
		if err != nil {
			t.Fatal(err)
		}
		last := page.Chain.Links[len(page.Chain.Links)-1]
		if last.Title != "work" || last.Of != want || len(last.Checks) > 0 {
			t.Errorf("%s: the last link is %+v", names, last)
		}
	}
}

// Nothing is known of an endpoint that has not been seen for too long, and that is said.
func TestChain_saysThatNothingIsKnown(t *testing.T) {
	r := full()
	r.Snapshot.Endpoints[0].Expires = at
	page, err := viewOf(report.Set{Reports: []report.Report{r}}, at, "111122223333", "us-east-1", "transcribe")
	if err != nil || !page.Chain.Attention || !strings.Contains(page.Chain.Sentence, "is not known: it was last seen") {
		t.Errorf("got %+v, %v", page.Chain, err)
	}
}
