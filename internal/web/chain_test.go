package web

import (
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
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

// The chain is drawn as boxes in its order; below the row with the one that decides stand its sentence and its fix, once.
func TestChain_isDrawnWithWhatDecides(t *testing.T) {
	links := func(variants ...string) (links []explain.Link) {
		for i, name := range explain.Names() {
			for _, variant := range variants {
				link := explain.Link{Name: name, Verdict: explain.OK, Variant: variant}
				if i < 2 {
					link.Variant = ""
				}
				if i >= 2 || variant == variants[0] {
					links = append(links, link)
				}
			}
		}
		slices.SortStableFunc(links, func(a, b explain.Link) int { return strings.Compare(a.Variant, b.Variant) })
		return links
	}
	const page = explain.Docs + "runbooks/X.md"
	broken := explain.Conclusion{
		State: explain.Failing, Attention: true, Link: explain.Policy, Variant: "b", Cause: "It does not wake.", Page: page, Command: "apply x", Preview: "plan x",
		Sentence: "It does not wake. Reconcile will fix it. Preview the fix by plan x, then apply it by apply x.",
	}
	byHand := explain.Conclusion{
		State: explain.Failing, Attention: true, Link: explain.Queue, Cause: "It lags.", Sentence: "It lags. Ask AWS. See " + page + ".", Page: page,
	}
	for _, test := range []struct {
		name           string
		variants       []string
		is             explain.Conclusion
		rows           []int
		row, at        int
		remedy, before string // before is what stands right before the sentence
	}{
		{"one variant", []string{"b"}, broken, []int{8}, 0, 4, "Reconcile will fix it.", "told critical-told at-4"},
		{"two variants", []string{"a", "b"}, broken, []int{2, 6, 6}, 2, 4, "Reconcile will fix it.", "told critical-told at-4"},
		{"the queue", []string{"a", "b"}, byHand, []int{2, 6, 6}, 0, 1, "Ask AWS.", "told critical-told at-1"},
		{"healthy", []string{"b"}, explain.Conclusion{Cause: "It works.", Sentence: "It works."}, []int{8}, -1, 0, "", "told up-told"},
		{"not known", []string{"b"}, explain.Conclusion{Attention: true, State: explain.NotKnown, Cause: "Who knows."}, []int{8}, -1, 0, "", "told warning-told"},
	} {
		shown := chain(explain.Explanation{Variants: test.variants, Links: links(test.variants...), Conclusion: test.is, AWSSays: "no capacity"}, "")
		var rows []int
		decides := -1
		for i, row := range shown.Rows {
			rows = append(rows, len(row.Links))
			if row.Here != nil {
				decides = i
			}
		}
		if !slices.Equal(rows, test.rows) || decides != test.row || shown.Remedy != test.remedy || decides >= 0 && shown.Rows[decides].At != test.at {
			t.Errorf("%s: got rows %v, in row %d %+v, remedy %q", test.name, rows, decides, shown.Decided(), shown.Remedy)
		}
		var html strings.Builder
		if err := templates.ExecuteTemplate(&html, "chain", &shown); err != nil {
			t.Fatal(err)
		}
		for _, once := range []string{`<div class="` + test.before + `">`, test.is.Cause, "AWS says: <bdi>no capacity"} {
			if n := strings.Count(html.String(), once); n != 1 {
				t.Errorf("%s: %q is there %d times: %s", test.name, once, n, html.String())
			}
		}
		if n := strings.Count(html.String(), ` here"`); n > 0 != (test.row >= 0) || n > 1 {
			t.Errorf("%s: %d links decide", test.name, n)
		}
	}
}

func TestGlance_isTheFigureOfALink(t *testing.T) {
	for want, link := range map[string]explain.Link{
		"15 requests": {Name: explain.Queue, Facts: []explain.Fact{{Name: "backlog", Value: 15.0}}},
		"2.75":        {Name: explain.Metric, Facts: []explain.Fact{{Name: "value", Value: 2.75}}},
		"high INSUFFICIENT DATA": {Name: explain.Alarm, Facts: []explain.Fact{
			{Name: "role", Value: "high"}, {Name: "state", Value: "INSUFFICIENT_DATA"},
		}},
		"target 5":    {Name: explain.Policy, Facts: []explain.Fact{{Name: "target_value", Value: 5.0}}},
		"starts 2":    {Name: explain.Policy, Facts: []explain.Fact{{Name: "starts", Value: 2}}},
		"0 to 5":      {Name: explain.Target, Facts: []explain.Fact{{Name: "min_capacity", Value: 0}, {Name: "max_capacity", Value: 5}}},
		"not scaled":  {Name: explain.Activity, Facts: []explain.Fact{{Name: "status", Value: "Failed"}, {Name: "not_scaled", Value: "X"}}},
		"Failed":      {Name: explain.Activity, Facts: []explain.Fact{{Name: "status", Value: "Failed"}}},
		"1 of 2":      {Name: explain.Instances, Facts: []explain.Fact{{Name: "current", Value: 1}, {Name: "desired", Value: 2}}},
		"15 a minute": {Name: explain.Work, Facts: []explain.Fact{{Name: "processed_per_second", Value: 0.25}}},
		"":            {Name: explain.Target, Facts: []explain.Fact{{Name: "registered", Value: false}}},
	} {
		if got := glance(&link); got != want {
			t.Errorf("the %s has %q, want %q", link.Name, got, want)
		}
	}
}

// What is well is folded, and what is wrong is not.
func TestEndpoint_foldsWhatIsWell(t *testing.T) {
	s := newSite(t)
	const path = "/status/111122223333/us-east-1/transcribe"
	r := full()
	s.set = &report.Set{Reports: []report.Report{r}}
	s.want("GET", path, 200, "<details open><summary>3 scaling policies, 1 alarm, 1 scheduled action</summary>")
	s.want("GET", path, 200, `<details><summary id="activities-0">3 activities</summary>`)
	concludes(&r, 0)
	r.Snapshot.Endpoints[0].Variants[0].Activity.Recent = r.Snapshot.Endpoints[0].Variants[0].Activity.Recent[1:]
	s.want("GET", path, 200, "<details><summary>3 scaling policies, 1 alarm, 1 scheduled action</summary>")
	s.want("GET", path, 200, `<details open><summary id="activities-0">2 activities</summary>`)
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
		page, err := viewOf(report.Set{Reports: []report.Report{r}}, at, "", "111122223333", "us-east-1", "transcribe")
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
	page, err := viewOf(report.Set{Reports: []report.Report{r}}, at, "", "111122223333", "us-east-1", "transcribe")
	if err != nil || !page.Chain.Attention || !strings.Contains(page.Chain.Sentence, "is not known: it was last seen") {
		t.Errorf("got %+v, %v", page.Chain, err)
	}
}
