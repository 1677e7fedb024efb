package awsapi

import (
	"reflect"
	"strings"
	"time"
)

// member is one of an answer, with its own members.
type member struct {
	required bool
	members  map[string]*member
}

// members are the answers of the operations in bounds.
var members = func() map[string]*member {
	answers := map[string]*member{}
	for operation, of := range bounds {
		answers[operation] = &member{}
		for _, path := range of.required {
			at := answers[operation]
			for _, name := range strings.Split(strings.TrimSuffix(path, "*"), ".") {
				if at.members == nil {
					at.members = map[string]*member{}
				}
				if at.members[name] == nil {
					at.members[name] = &member{}
				}
				at = at.members[name]
			}
			at.required = true
		}
	}
	return answers
}()

// verified says what is wrong with a decoded answer: a member is missing that AWS always sends, or a number or a time
// cannot be. It is empty when nothing is. Numbers and times of rows are left to the rows, see rowsOf, and datapoints to
// MetricData.
func verified(operation string, answer any) string {
	of, ok := members[operation]
	if !ok {
		return ""
	}
	return verifier{numbers: rowsOf[operation] == ""}.verify(of, reflect.ValueOf(answer), "", "")
}

// verifier walks a decoded answer.
type verifier struct{ numbers bool } // and times, and the length of names

func (v verifier) verify(m *member, value reflect.Value, path, name string) string {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if value.IsNil() {
			return ""
		}
		if of, ok := value.Interface().(*time.Time); ok {
			if v.numbers && !isTime(*of) {
				return path + " is no time"
			}
			return ""
		}
		return v.verify(m, value.Elem(), path, name)
	case reflect.String:
		if what := tooLong(name, value.String()); v.numbers && what != "" {
			return path + what
		}
	case reflect.Int32, reflect.Int64:
		return v.number(path, name, float64(value.Int()))
	case reflect.Float32, reflect.Float64:
		return v.number(path, name, value.Float())
	case reflect.Slice:
		if what := tooMany(path, name, value.Len()); what != "" {
			return what
		}
		if kind := value.Type().Elem().Kind(); kind != reflect.Struct && kind != reflect.Interface && kind != reflect.String || value.Type().Elem() == timeType {
			return ""
		}
		for i := range value.Len() {
			if what := v.verify(m, value.Index(i), path, name); what != "" {
				return what
			}
		}
	case reflect.Struct:
		return v.members(m, value, path)
	}
	return ""
}

func (v verifier) number(path, name string, number float64) string {
	if !v.numbers {
		return ""
	}
	if what := outOfRange(name, number); what != "" {
		return path + what
	}
	return ""
}

func (v verifier) members(m *member, value reflect.Value, path string) string {
	for i := range value.NumField() {
		field := value.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		at, inner := strings.TrimPrefix(path+"."+field.Name, "."), m.members[field.Name]
		if inner == nil {
			inner = &member{}
		}
		if inner.required && value.Field(i).IsZero() {
			return "answer lacks " + at
		}
		if what := v.verify(inner, value.Field(i), at, field.Name); what != "" {
			return what
		}
	}
	return ""
}

var timeType = reflect.TypeFor[time.Time]()

// isTime tells whether AWS can mean the time: a number that is none becomes one of other millennia, or 1970.
func isTime(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 2000 && year <= 9999
}
