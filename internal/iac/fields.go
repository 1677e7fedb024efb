package iac

import (
	"reflect"
	"strings"
	"unicode"
)

// A request to AWS as a tree: a value is a string, a bool, an int64, a float64, a list of values, or fields. What the
// request does not set is not in it.
type (
	fields []field
	field  struct {
		name  string // as AWS's API has it, for example MinCapacity
		value any
	}
	list []any
)

// get is the value of a field, nil where it is not set.
func (f fields) get(name string) any {
	for _, field := range f {
		if field.name == name {
			return field.value
		}
	}
	return nil
}

// without are the fields but for the named.
func (f fields) without(names ...string) (rest fields) {
next:
	for _, field := range f {
		for _, name := range names {
			if field.name == name {
				continue next
			}
		}
		rest = append(rest, field)
	}
	return rest
}

// fieldsOf are the fields of an input of the AWS SDK, in its order.
func fieldsOf(input any) fields {
	f, _ := treeOf(reflect.ValueOf(input)).(fields)
	return f
}

// treeOf is nil for what is not set. The SDK leaves out an empty text and an empty list too.
func treeOf(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return treeOf(v.Elem())
	case reflect.Interface: // a union: its one member is called by its type
		if v.IsNil() {
			return nil
		}
		member := v.Elem()
		for member.Kind() == reflect.Pointer {
			member = member.Elem()
		}
		_, name, _ := strings.Cut(member.Type().Name(), "Member")
		return fields{{name, treeOf(member.FieldByName("Value"))}}
	case reflect.Struct:
		f := fields{}
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				continue
			}
			if value := treeOf(v.Field(i)); value != nil {
				f = append(f, field{v.Type().Field(i).Name, value})
			}
		}
		return f
	case reflect.Slice:
		if v.Len() == 0 {
			return nil
		}
		l := list{}
		for i := range v.Len() {
			l = append(l, treeOf(v.Index(i)))
		}
		return l
	case reflect.Map: // the tags of a new target
		if v.Len() == 0 {
			return nil
		}
	case reflect.String:
		if v.Len() == 0 {
			return nil
		}
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Float64:
		return v.Float()
	}
	panic("the request has a " + v.Kind().String()) // no request of a step has one
}

// reference stands for the ARN of another object of the page, in place of a text.
const referencePrefix = "\x00"

// referTo is a reference to the object with the id.
func referTo(id string) string { return referencePrefix + id }

// referred is the id that a text refers to; ok is false for any other text.
func referred(text string) (id string, ok bool) { return strings.CutPrefix(text, referencePrefix) }

// lower is the name of a field in lower case with an underscore between its words: OKActions is ok_actions.
func lower(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		begins := i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if begins {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
