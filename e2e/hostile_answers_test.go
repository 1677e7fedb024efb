//go:build e2e

package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
)

// exporterLimit and alertingLimit are the memory that the chart's containers may use; Go is told nine tenths of it.
const (
	exporterLimit = 256 << 20
	alertingLimit = 384 << 20
)

// liar is an embedded AWS behind somebody who changes its answers.
type liar struct {
	url string

	mu     sync.Mutex
	lie    lie // nil: the truth
	lied   map[string]int
	served atomic.Uint64
}

// lie answers instead of AWS. It is given what AWS would have answered, and tells whether it has answered.
type lie func(operation string, w http.ResponseWriter, r *http.Request, truth *httptest.ResponseRecorder) bool

func lying(t *testing.T, handler http.Handler) *liar {
	t.Helper()
	l := &liar{lied: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		_, operation, signed := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if isCBOR(r) {
			operation, signed = path.Base(r.URL.Path), true
		}
		truth := httptest.NewRecorder()
		handler.ServeHTTP(truth, r)
		l.served.Add(1)
		l.mu.Lock()
		tell := l.lie
		l.mu.Unlock()
		if signed && tell != nil {
			for _, name := range []string{"Content-Type", "Smithy-Protocol"} {
				w.Header().Set(name, truth.Header().Get(name))
			}
			if tell(operation, w, r, truth) {
				l.mu.Lock()
				l.lied[operation]++
				l.mu.Unlock()
				return
			}
		}
		for name, values := range truth.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(truth.Code)
		_, _ = w.Write(truth.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

// tell begins another lie.
func (l *liar) tell(next lie) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lie = next
	clear(l.lied)
}

func isCBOR(r *http.Request) bool { return r.Header.Get("Smithy-Protocol") != "" }

// flood writes until nobody reads any more, 700 MB at most.
func flood(w io.Writer, begin string, part []byte) {
	_, err := io.WriteString(w, begin)
	for written := 0; err == nil && written < 700<<20; written += len(part) {
		_, err = w.Write(part)
	}
}

func bombed(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	for range 256 {
		_, err := writer.Write(make([]byte, 1<<20))
		must(t, err)
	}
	must(t, writer.Close())
	return packed.Bytes()
}

// listOf are the lists of the operations that are asked in each turn.
var listOf = map[string]string{
	"ListEndpoints": "Endpoints", "DescribeScalableTargets": "ScalableTargets", "DescribeScalingPolicies": "ScalingPolicies",
	"DescribeScheduledActions": "ScheduledActions", "DescribeScalingActivities": "ScalingActivities", "DescribeAlarms": "MetricAlarms",
	"GetMetricData": "MetricDataResults",
}

// Whatever comes instead of AWS's answers, the exporter lives, within its memory, keeps its page, says what is wrong, and
// is well again when AWS is.
func TestServe_hostileAnswersOfEveryOperation(t *testing.T) {
	aws := demoAt(t, hurried)
	l := lying(t, aws.Handler())
	config := filepath.Join(t.TempDir(), "config.yml")
	must(t, os.WriteFile(config, []byte("polling: {maxStaleness: 6h}\n"), 0o600)) // ten minutes are three seconds here, and a flood takes longer
	e := start(t, []string{fmt.Sprint("GOMEMLIMIT=", exporterLimit/10*9)}, "--demo", "--demo.aws="+l.url, "--config.file="+config)
	up := func() error {
		if got := value(e.metrics(), "sagemaker_async_up{"); got != 1 {
			return fmt.Errorf("up is %v", got)
		}
		return nil
	}
	e.eventually("up", soon, up)
	bomb, page := bombed(t), atomic.Uint64{}
	all := func(answer func(operation string, w http.ResponseWriter, r *http.Request)) lie {
		return func(operation string, w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) bool {
			answer(operation, w, r)
			return true
		}
	}
	nothings := func(n int, one cbor.Value) cbor.List {
		list := make(cbor.List, n)
		for i := range list {
			list[i] = one
		}
		return list
	}
	// alarms are pages without end, each of so many rows that are filled in, within the bounds of one page.
	alarms := func(fill func(row cbor.Map) int) lie {
		return func(operation string, w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) bool {
			if operation != "DescribeAlarms" {
				return false
			}
			row := cbor.Map{"AlarmName": cbor.String("a"), "Namespace": cbor.String("AWS/SageMaker")}
			rows := nothings(fill(row), row)
			_, _ = w.Write(cbor.Encode(cbor.Map{"NextToken": cbor.String(strconv.FormatUint(page.Add(1), 10)), "MetricAlarms": rows}))
			return true
		}
	}
	attacks := []struct {
		name, logged string
		lie          lie
	}{
		{"a flood", "answer longer than", all(func(_ string, w http.ResponseWriter, r *http.Request) {
			if isCBOR(r) {
				flood(w, "\xa1\x61x\x9f", bytes.Repeat([]byte{0xa0}, 1<<20))
				return
			}
			flood(w, `{"x":[{}`, bytes.Repeat([]byte(",{}"), 1<<20))
		})},
		{"a bomb", "answer longer than", all(func(_ string, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		})},
		{"depth", "nested deeper than", all(func(_ string, w http.ResponseWriter, r *http.Request) {
			if isCBOR(r) {
				_, _ = w.Write(append([]byte("\xa1\x61x"), bytes.Repeat([]byte{0x81}, 50_000)...))
				return
			}
			_, _ = io.WriteString(w, `{"x":`+strings.Repeat("[", 50_000))
		})},
		{"absent members", "answer lacks", all(func(operation string, w http.ResponseWriter, r *http.Request) {
			if isCBOR(r) {
				_, _ = w.Write(cbor.Encode(cbor.Map{listOf[operation]: cbor.List{cbor.Map{}}}))
				return
			}
			_, _ = io.WriteString(w, "{}")
		})},
		{"nulls", "answer lacks", all(func(operation string, w http.ResponseWriter, r *http.Request) {
			if isCBOR(r) {
				_, _ = w.Write(cbor.Encode(cbor.Map{listOf[operation]: cbor.List{&cbor.Nil{}, cbor.Map{}}}))
				return
			}
			_, _ = io.WriteString(w, `{"`+listOf[operation]+`":[null]}`)
		})},
		{"wrong types", "does not answer like AWS", all(func(operation string, w http.ResponseWriter, r *http.Request) {
			if isCBOR(r) {
				_, _ = w.Write(cbor.Encode(cbor.Map{listOf[operation]: cbor.Uint(5)}))
				return
			}
			_, _ = io.WriteString(w, `{"`+listOf[operation]+`":5}`)
		})},
		{"endless large pages", "together longer than", func(operation string, w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) bool {
			if operation != "DescribeAlarms" {
				return false
			}
			next := strconv.FormatUint(page.Add(1), 10)
			_, _ = w.Write(cbor.Encode(cbor.Map{"NextToken": cbor.String(next), "MetricAlarms": cbor.List{cbor.Map{
				"AlarmName": cbor.String(next), "StateReason": cbor.String(strings.Repeat("x", 7<<20)),
			}}}))
			return true
		}},
		{"long lists of nothing", "more than 20 AlarmActions in one row", alarms(func(row cbor.Map) int {
			row["AlarmActions"] = nothings(99_000, cbor.String(""))
			return 1
		})},
		{"pages of small lists", "pages together of more than", alarms(func(row cbor.Map) int {
			for _, name := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
				row[name] = nothings(20, cbor.String(""))
			}
			return 1_000
		})},
		{"pages of small queries", "pages together of more than", alarms(func(row cbor.Map) int {
			row["Metrics"] = nothings(20, cbor.Map{"Id": cbor.String("")})
			return 1_200
		})},
		{"pages of small dimensions", "pages together of more than", alarms(func(row cbor.Map) int {
			row["Dimensions"] = nothings(60, cbor.Map{"Name": cbor.String(""), "Value": cbor.String("")})
			return 300
		})},
		{"endless pages of datapoints", "GetMetricData: more than", func(operation string, w http.ResponseWriter, _ *http.Request, truth *httptest.ResponseRecorder) bool {
			if operation != "GetMetricData" {
				return false
			}
			answer, err := cbor.Decode(truth.Body.Bytes())
			if err != nil {
				return false
			}
			answer.(cbor.Map)["NextToken"] = cbor.String(strconv.FormatUint(page.Add(1), 10))
			_, _ = w.Write(cbor.Encode(answer))
			return true
		}},
	}
	for _, fill := range []func(row cbor.Map) (rows, pages int){
		func(row cbor.Map) (int, int) {
			for _, name := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
				row[name] = nothings(20, cbor.String(""))
			}
			return 1_000, 17
		},
		func(row cbor.Map) (int, int) {
			row["Metrics"] = nothings(20, cbor.Map{"Id": cbor.String("")})
			return 1_200, 14
		},
		func(cbor.Map) (int, int) { return 10_000, 4 },
	} {
		looks := atomic.Uint64{}
		l.tell(func(operation string, w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) bool {
			if operation != "DescribeAlarms" {
				return false
			}
			of := cbor.Map{"Namespace": cbor.String("AWS/SageMaker")}
			n, pages := fill(of)
			at := page.Add(1)
			rows := make(cbor.List, n)
			for i := range rows {
				row := cbor.Map{"AlarmName": cbor.String(fmt.Sprint(at, "-", i))}
				maps.Copy(row, of)
				rows[i] = row
			}
			answer := cbor.Map{"MetricAlarms": rows, "NextToken": cbor.String(strconv.FormatUint(at, 10))}
			if at%uint64(pages) == 0 {
				delete(answer, "NextToken")
				looks.Add(1)
			}
			_, _ = w.Write(cbor.Encode(answer))
			return true
		})
		e.eventually("alarms within every bound, looked at again and again", soon, func() error {
			if n := looks.Load(); n < 4 {
				return fmt.Errorf("%d looks", n)
			}
			return nil
		})
		l.tell(nil)
		e.eventually("up after alarms within every bound", soon, up)
		if peak := peakMemory(t, e); peak > exporterLimit {
			t.Errorf("alarms within every bound: it took %d MiB", peak>>20)
		} else {
			t.Logf("alarms within every bound: at most %d MiB so far", peak>>20)
		}
	}
	for _, attack := range attacks {
		logged := strings.Count(e.log.String(), attack.logged)
		l.tell(attack.lie)
		e.eventually(attack.name+": said in the log", soon, func() error {
			if strings.Count(e.log.String(), attack.logged) == logged {
				return fmt.Errorf("%q is not", attack.logged)
			}
			return nil
		})
		if n := count(e.metrics(), "sagemaker_async_endpoint_info{"); n == 0 {
			t.Errorf("%s: the endpoints are gone", attack.name)
		}
		l.tell(nil)
		e.eventually("up after "+attack.name, soon, up)
		if peak := peakMemory(t, e); peak > exporterLimit {
			t.Errorf("%s: it took %d MiB", attack.name, peak>>20)
		} else {
			t.Logf("%s: at most %d MiB so far", attack.name, peak>>20)
		}
	}
}

// peakMemory is the most memory that the process had resident, without the pages of its own file: the kernel may drop those.
func peakMemory(t *testing.T, e *exporter) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.process.Pid))
	if err != nil {
		t.Skip("this system does not tell what a process uses")
	}
	found := map[string]int{}
	for line := range strings.Lines(string(text)) {
		name, amount, _ := strings.Cut(line, ":")
		if kib, ok := strings.CutSuffix(strings.TrimSpace(amount), " kB"); ok {
			n, err := strconv.Atoi(kib)
			must(t, err)
			found[name] = n << 10
		}
	}
	if found["VmHWM"] == 0 {
		t.Fatal("it has no VmHWM")
	}
	return found["VmHWM"] - found["RssFile"]
}

// One datapoint that cannot be takes nothing away: not up, not its own counter, and not another series.
func TestServe_aNegativeDatapointTakesNothingAway(t *testing.T) {
	aws := demoAt(t, hurried)
	l := lying(t, aws.Handler())
	e := start(t, nil, "--demo", "--demo.aws="+l.url)
	const counter = "sagemaker_async_invocations_processed_total{"
	e.eventually("up, with counters", soon, func() error {
		if page := e.metrics(); value(page, "sagemaker_async_up{") != 1 || count(page, counter) == 0 {
			return fmt.Errorf("it is not")
		}
		return nil
	})
	before := count(e.metrics(), counter)
	l.tell(func(operation string, w http.ResponseWriter, _ *http.Request, truth *httptest.ResponseRecorder) bool {
		if operation != "GetMetricData" {
			return false
		}
		answer, err := cbor.Decode(truth.Body.Bytes())
		if err != nil {
			return false
		}
		results, _ := answer.(cbor.Map)["MetricDataResults"].(cbor.List)
		for _, one := range results { // the first datapoint of each series
			if values, _ := one.(cbor.Map)["Values"].(cbor.List); len(values) > 0 {
				values[0] = cbor.Float64(-1)
			}
		}
		_, _ = w.Write(cbor.Encode(answer))
		return true
	})
	e.eventually("the refusal in the log", soon, func() error {
		if !strings.Contains(e.log.String(), "values refused") {
			return fmt.Errorf("it is not there")
		}
		return nil
	})
	served := l.served.Load()
	e.eventually("some turns later", soon, func() error {
		page := e.metrics()
		if got := value(page, "sagemaker_async_up{"); got != 1 {
			t.Errorf("up is %v", got)
		}
		if now := count(page, counter); now < before {
			t.Errorf("%d counters, where there were %d", now, before)
		}
		if l.served.Load() < served+200 && !t.Failed() {
			return fmt.Errorf("%d calls", l.served.Load()-served)
		}
		return nil
	})
	if n := strings.Count(e.log.String(), "values refused"); n > 4 { // for queue and metrics, and once more when they come and go
		t.Errorf("said %d times", n)
	}
}
