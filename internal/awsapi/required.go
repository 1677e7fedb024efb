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

// verified says what is wrong with a decoded answer: a member is missing that AWS always sends, or a number or a time is
// none. It is empty when nothing is. Lists of numbers and times, which are datapoints, are left to MetricData: a bad one
// spoils its series alone.
func verified(operation string, answer any) string {
	of, ok := members[operation]
	if !ok {
		return ""
	}
	return of.verify(reflect.ValueOf(answer), "")
}

func (m *member) verify(value reflect.Value, path string) string {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if value.IsNil() {
			return ""
		}
		switch of := value.Interface().(type) {
		case *float64:
			if !finite(*of) {
				return path + " is no number"
			}
			return ""
		case *time.Time:
			if !isTime(*of) {
				return path + " is no time"
			}
			return ""
		}
		return m.verify(value.Elem(), path)
	case reflect.Slice:
		if kind := value.Type().Elem().Kind(); kind != reflect.Struct && kind != reflect.Interface || value.Type().Elem() == timeType {
			return ""
		}
		for i := range value.Len() {
			if what := m.verify(value.Index(i), path); what != "" {
				return what
			}
		}
	case reflect.Struct:
		return m.verifyMembers(value, path)
	}
	return ""
}

func (m *member) verifyMembers(value reflect.Value, path string) string {
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
		if what := inner.verify(value.Field(i), at); what != "" {
			return what
		}
	}
	return ""
}

var timeType = reflect.TypeFor[time.Time]()

// isTime tells whether AWS can mean the time: a number that is none becomes one of other millennia.
func isTime(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1970 && year <= 9999
}
