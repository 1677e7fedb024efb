package simulate

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The columns of a trace. minute is a number from 0, or a moment in RFC 3339; a minute that is left out had no requests.
const (
	columnMinute    = "minute"
	columnArrivals  = "arrivals"
	columnService   = "service_seconds"   // mean time on an instance of the requests of the minute; may be empty
	columnProvision = "provision_seconds" // a provisioning time that was seen; may be empty
)

var columns = []string{columnMinute, columnArrivals, columnService, columnProvision}

// longestTrace is how many minutes a trace may span.
const longestTrace = 366 * 24 * 60

// CSV reads a trace strictly: what it does not understand is an error with the file's name and the line. service is the
// mean time of requests of which the file has none.
func CSV(name string, file io.Reader, service time.Duration) (Trace, error) {
	t := Trace{Source: name, Service: service, Shape: HalfFixed}
	rows := csv.NewReader(file)
	rows.FieldsPerRecord, rows.Comment, rows.ReuseRecord = -1, '#', true
	head, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return Trace{}, fmt.Errorf("%s:1: the file is empty: its first line names the columns, for example minute,arrivals", name)
	}
	if err != nil {
		return Trace{}, rowError(name, err)
	}
	line, _ := rows.FieldPos(0)
	order := slices.Clone(head)
	if err := headProblem(order); err != nil {
		return Trace{}, fmt.Errorf("%s:%d: %w", name, line, err)
	}
	var r row
	for {
		fields, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Trace{}, rowError(name, err)
		}
		line, _ := rows.FieldPos(0)
		if len(fields) != len(order) {
			return Trace{}, fmt.Errorf("%s:%d: %d fields, and the first line names %d columns", name, line, len(fields), len(order))
		}
		for i, column := range order {
			if err := r.take(column, strings.TrimSpace(fields[i])); err != nil {
				return Trace{}, fmt.Errorf("%s:%d: %s: %w", name, line, column, err)
			}
		}
		if err := t.add(&r); err != nil {
			return Trace{}, fmt.Errorf("%s:%d: minute: %w", name, line, err)
		}
	}
	return t, t.problem()
}

// rowError is an error of the CSV reader with the file's name.
func rowError(name string, err error) error {
	if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
		return fmt.Errorf("%s:%d: %w", name, bad.Line, bad.Err)
	}
	return fmt.Errorf("reading %s: %w", name, err)
}

func headProblem(head []string) error {
	for i, column := range head {
		head[i] = strings.TrimSpace(strings.TrimPrefix(column, "\ufeff"))
		if !slices.Contains(columns, head[i]) {
			return fmt.Errorf("%q is not a column: write some of %s", head[i], strings.Join(columns, ", "))
		}
		if slices.Contains(head[:i], head[i]) {
			return fmt.Errorf("the column %s is there twice", head[i])
		}
	}
	for _, column := range []string{columnMinute, columnArrivals} {
		if !slices.Contains(head, column) {
			return fmt.Errorf("there is no column %s: the first line names the columns, for example minute,arrivals", column)
		}
	}
	return nil
}

// row is a row of a trace, and what the rows before it have fixed.
type row struct {
	first     time.Time // the first moment of a file that has moments
	rows      int
	moment    bool // the file has moments, not numbers
	minute    int
	arrivals  int
	service   time.Duration
	provision time.Duration
}

func (r *row) take(column, text string) (err error) {
	switch column {
	case columnMinute:
		return r.takeMinute(text)
	case columnArrivals:
		if r.arrivals, err = strconv.Atoi(text); err != nil || r.arrivals < 0 {
			return fmt.Errorf("%q is not a number of requests: write for example 12", text)
		}
	case columnService:
		r.service, err = seconds(text)
	case columnProvision:
		r.provision, err = seconds(text)
	}
	return err
}

func (r *row) takeMinute(text string) error {
	at, err := time.Parse(time.RFC3339, text)
	moment := err == nil
	n := 0
	switch {
	case !moment:
		if n, err = strconv.Atoi(text); err != nil || n < 0 {
			return fmt.Errorf("%q is not a minute: write its number from 0, or a moment like 2026-03-02T09:00:00Z", text)
		}
	case at.Second() != 0 || at.Nanosecond() != 0:
		return fmt.Errorf("%q is not a whole minute", text)
	case r.rows == 0:
		r.first = at
	default:
		n = int(at.Sub(r.first) / time.Minute)
	}
	if r.rows > 0 && moment != r.moment {
		return errors.New("numbers and moments are mixed")
	}
	r.minute, r.moment = n, moment
	return nil
}

// seconds reads a time; an empty field is none.
func seconds(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0 && v <= 24*3600) {
		return 0, fmt.Errorf("%q is not a number of seconds above 0: write for example 12.5, or nothing", text)
	}
	return time.Duration(v * float64(time.Second)), nil
}

// add puts a row into the trace.
func (t *Trace) add(r *row) error {
	switch {
	case r.minute < len(t.Minutes):
		return errors.New("it is not after the one before it")
	case r.minute >= longestTrace:
		return errors.New("it is more than a year after the first")
	}
	for len(t.Minutes) < r.minute {
		t.Minutes = append(t.Minutes, Minute{})
	}
	t.Minutes = append(t.Minutes, Minute{Arrivals: float64(r.arrivals), Service: r.service})
	if r.provision > 0 {
		t.Starts = append(t.Starts, r.provision)
	}
	r.rows++
	return nil
}
