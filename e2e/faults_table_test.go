package e2e

import (
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awsapi"
)

const (
	// faultsGolden is the long table: what was seen of each operation and each fault. make faults writes and prints it.
	faultsGolden = "testdata/faults.golden"
	// faultsPage has the short one, for people.
	faultsPage = "../docs/faults.md"
)

// seen is what was seen of one fault.
type seen struct {
	what string
	says string // the log
}

// faultTable is what was seen, by operation and fault.
type faultTable map[string]map[string]seen

func (f faultTable) put(section, fault string, s seen) {
	if f[section] == nil {
		f[section] = map[string]seen{}
	}
	f[section][fault] = s
}

// readFaults reads a long table as text writes it.
func readFaults(t *testing.T) faultTable {
	t.Helper()
	text, err := os.ReadFile(faultsGolden)
	if err != nil {
		t.Fatal(err)
	}
	table, section := faultTable{}, ""
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "### "); ok {
			section = strings.TrimSpace(name)
		} else if cells := cellsOf(line); len(cells) == 3 && cells[0] != "fault" {
			table.put(section, cells[0], seen{cells[1], cells[2]})
		}
	}
	return table
}

// cellsOf are the cells of a row of a table; none of another line, and of the one below the heads.
func cellsOf(line string) []string {
	line, ok := strings.CutPrefix(strings.TrimSpace(line), "| ")
	if !ok {
		return nil
	}
	cells := regexp.MustCompile(` \|(?: |$)`).Split(line, -1)
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells[:len(cells)-1]
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// The short table speaks for the long one: each operation is in one row, and what the row says was seen of each fault
// that lasts.
func TestFaults_thePageSaysWhatTheLongTableHas(t *testing.T) {
	text, err := os.ReadFile(faultsPage)
	if err != nil {
		t.Fatal(err)
	}
	table, rows := readFaults(t), map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := cellsOf(line)
		if len(cells) != 4 || cells[0] == "Operation" {
			continue
		}
		for _, operation := range codeSpan.FindAllStringSubmatch(cells[0], -1) {
			if rows[operation[1]] != nil {
				t.Errorf("%s has two rows in %s", operation[1], faultsPage)
			}
			rows[operation[1]] = cells
		}
	}
	for _, operation := range awsapi.Operations() {
		row := rows[operation.Name]
		if row == nil {
			t.Errorf("%s has no row of %s", operation.Name, faultsPage)
			continue
		}
		cells := table[operation.Service+"."+operation.Name]
		lasts := 0
		for fault, cell := range cells {
			if fault == "throttled once" || fault == "empty page" || fault == "connection refused" || strings.HasPrefix(cell.what, "cannot be: ") {
				continue // the page speaks of these below its table
			}
			lasts++
			if down, want := downIn(cell.what), strings.Trim(row[1], "`"); down != want {
				t.Errorf("%s, %s: the page says that %s is down; seen was %s", operation.Name, fault, want, down)
			}
			if writes := writesIn(cell.what); writes != row[2] {
				t.Errorf("%s, %s: of writes the page says %q; seen was %q", operation.Name, fault, row[2], writes)
			}
			compareAbsent(t, operation.Name, cell.what, row[3])
		}
		if lasts < 5 {
			t.Errorf("%s has %d faults that last in %s", operation.Name, lasts, faultsGolden)
		}
		delete(rows, operation.Name)
	}
	if len(rows) > 0 {
		t.Errorf("%s speaks of operations that are not called: %v", faultsPage, slices.Sorted(maps.Keys(rows)))
	}
}

// downIn is the source that is down in the words of a cell.
func downIn(what string) string {
	if strings.HasPrefix(what, "all sources of the region are down") {
		return "all of the region"
	}
	if found := regexp.MustCompile("^`([a-z]+)` is down").FindStringSubmatch(what); found != nil {
		return found[1]
	}
	return "none"
}

// writesIn is what becomes of writes in the words of a cell.
func writesIn(what string) string {
	for _, said := range []struct{ seen, page string }{
		{"writes to others go on", "go on for other endpoints"},
		{"writes go on", "go on"},
		{"nothing is written", "stop"},
		{"nothing: alarms are read without their mute rules", "go on"},
		{"nothing: the first endpoints to be described are any", "go on"},
		{"all sources of the region are down", "stop in the region"},
		{"the step ", "the step fails; the next round tries again, unless AWS has done it"},
	} {
		if strings.Contains(what, said.seen) {
			return said.page
		}
	}
	return what
}

// everySeries stands in the row of an operation without which nothing is known of any endpoint.
const everySeries = "every series of the endpoints"

// compareAbsent holds the metrics that are absent after a while against the names and patterns of a row.
func compareAbsent(t *testing.T, operation, what, row string) {
	t.Helper()
	list := regexp.MustCompile("absent[^:;]*: (.*)$").FindStringSubmatch(what)
	if list == nil {
		return
	}
	gone := codeSpan.FindAllStringSubmatch(list[1], -1)
	if row == everySeries {
		if len(gone) < 50 {
			t.Errorf("%s: the page says %q; only %d metrics have disappeared", operation, row, len(gone))
		}
		return
	}
	patterns, matched := codeSpan.FindAllStringSubmatch(row, -1), map[string]bool{}
	for _, name := range gone {
		by := slices.IndexFunc(patterns, func(pattern []string) bool {
			ok, _ := path.Match(pattern[1], name[1])
			return ok
		})
		if by < 0 {
			t.Errorf("%s: %s disappears, and the page does not say so", operation, name[1])
			continue
		}
		matched[patterns[by][1]] = true
	}
	for _, pattern := range patterns {
		if !matched[pattern[1]] {
			t.Errorf("%s: the page says that %s disappears, and nothing of that name does", operation, pattern[1])
		}
	}
}
