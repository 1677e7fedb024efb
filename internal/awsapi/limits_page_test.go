package awsapi

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The table of limits in docs/limits.md is that of the code.
func TestBounds_areThoseOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range bounds {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(strings.Compare(serviceOf(a), serviceOf(b)), strings.Compare(a, b))
	})
	var table strings.Builder
	table.WriteString("| Operation | One answer | Values in it | Pages | Rows of all pages | All pages |\n|---|---|---|---|---|---|\n")
	for _, name := range names {
		if actionOf(serviceOf(name), name) == "aws:"+strings.ToLower(name) || name == "AssumeRoleWithWebIdentity" {
			continue // which the SDK asks
		}
		b := bounds[name]
		pages, rows := strconv.Itoa(b.pages), strconv.Itoa(b.rows)
		if b.pages == 0 {
			pages = "as many as it has series and hundreds of datapoints"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %d | %s | %s | %s |\n", name, size(b.body), b.values, pages, rows, size(b.total))
	}
	if !strings.Contains(string(page), table.String()) {
		t.Errorf("docs/limits.md needs the table\n%s", table.String())
	}
}
