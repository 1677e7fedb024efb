package web

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/triage"
)

// reasons serves why each endpoint does or does not scale: a line or two an endpoint, or with ?format=json a list of
// paging.Reason, and a page where a browser asks for none of both. ?endpoint= keeps those of that very name. A name that is
// not observed has no reasons: for people that is an error with the names that there are, for programs an empty list.
func (o Options) reasons(w http.ResponseWriter, r *http.Request) {
	set, name := o.Published(), r.URL.Query().Get("endpoint")
	format, err := daemon.FormatOf(r)
	switch {
	case err != nil:
		daemon.Line(w, http.StatusBadRequest, err.Error())
		return
	case len(set.Reports) == 0: // an empty list would say that there is no endpoint
		daemon.Line(w, http.StatusServiceUnavailable, "no explanation yet: no scope has been observed")
		return
	}
	list := reasonsOf(*set, o.Now(), name)
	w.Header().Set("Vary", "Accept")
	switch {
	case format == "text" && forPeople(r) && (len(list) > 0 || name == ""):
		o.explained(w, *set, name)
	case format == "json":
		var page bytes.Buffer
		if err := paging.WriteJSON(&page, list); err != nil {
			daemon.Line(w, http.StatusInternalServerError, "writing the explanations: "+err.Error())
			return
		}
		daemon.Page(w, http.StatusOK, "application/json", page.Bytes())
	case len(list) == 0 && name != "":
		none := explain.NotFoundError{Place: explain.Place{Endpoint: name}, Candidates: explain.Candidates(set.Reports, name)}
		daemon.Line(w, http.StatusNotFound, none.Error())
	default:
		daemon.Page(w, http.StatusOK, daemon.PlainText, reasonsText(list))
	}
}

// forPeople tells whether a browser asks, and for no format by name.
func forPeople(r *http.Request) bool {
	return !r.URL.Query().Has("format") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// reasonsPage is what /explain shows to people.
type reasonsPage struct {
	At        string
	Name      string // the only endpoint; empty for all
	Endpoints []reasonView
}

// reasonView is one endpoint, as its own page explains it.
type reasonView struct {
	Name, Where, Page string
	State             doing
	Chain             chainView

	judged triage.Case // for the order
}

// explained serves the same as a page, in the order of /status: those that need somebody the most first.
func (o Options) explained(w http.ResponseWriter, set report.Set, name string) {
	at := o.Now()
	page := reasonsPage{At: moment(at), Name: name}
	for i := range set.Reports {
		r := &set.Reports[i]
		scope, view := r.Snapshot.Scope, triage.Of(r, at)
		for j := range r.Endpoints {
			e := &r.Endpoints[j]
			if name != "" && name != e.Name {
				continue
			}
			own := pathOf(scope, e.Name)
			judged, explained := view.Explained(e)
			page.Endpoints = append(page.Endpoints, reasonView{
				Name: e.Name, Where: cmp.Or(scope.AccountID, nobody) + " " + scope.Region, Page: own, State: doingOf(&judged), Chain: chain(explained, own), judged: judged,
			})
		}
	}
	slices.SortStableFunc(page.Endpoints, func(a, b reasonView) int {
		return cmp.Or(a.judged.Compare(&b.judged), strings.Compare(a.Where, b.Where), strings.Compare(a.Name, b.Name))
	})
	render(w, "reasons.html", &page, 4096*(len(page.Endpoints)+1))
}

// reasonsOf are the reasons of all endpoints of a set at a moment, or of those of a name, sorted by account, region and
// name.
func reasonsOf(set report.Set, at time.Time, name string) []paging.Reason {
	list := []paging.Reason{} // no endpoint is an empty list, not null
	for i := range set.Reports {
		r := &set.Reports[i]
		for j := range r.Endpoints {
			if e := &r.Endpoints[j]; name == "" || name == e.Name {
				list = append(list, reasonOf(explain.One(r, e, at)))
			}
		}
	}
	slices.SortStableFunc(list, func(a, b paging.Reason) int {
		return cmp.Or(strings.Compare(a.AccountID, b.AccountID), strings.Compare(a.Region, b.Region), strings.Compare(a.EndpointName, b.EndpointName))
	})
	return list
}

func reasonOf(e explain.Explanation) paging.Reason {
	return paging.Reason{
		AccountID: e.Scope.AccountID, Region: e.Scope.Region, EndpointName: e.Endpoint,
		Explanation: plan.Printable(e.Conclusion.Sentence), Page: e.Conclusion.Page, AWSMessage: e.AWSSays,
	}
}

// reasonsText names each endpoint as the command explain takes it.
func reasonsText(list []paging.Reason) []byte {
	var page bytes.Buffer
	if len(list) == 0 {
		page.WriteString("No asynchronous endpoint is observed.\n")
	}
	for _, r := range list {
		place := cmp.Or(r.AccountID, nobody) + "/" + r.Region + "/" + r.EndpointName
		page.WriteString(plan.Quoted(place) + ": " + r.Explanation + "\n")
		if r.AWSMessage != "" {
			page.WriteString("  AWS says: " + r.AWSMessage + "\n")
		}
	}
	return page.Bytes()
}
