package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The format follows from the types of package fleet: a key is the name of a field in snake_case, a duration is written
// as 1h30m, a moment as RFC 3339 in UTC. Numbers and booleans are always there, so that a 0 is meant; of all else the empty value
// is left out.

var (
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
)

// left are the fields that are not in the file: what is joined from others on reading, and figures of the process.
var left = map[reflect.Type][]string{
	reflect.TypeFor[fleet.Snapshot](): {"Load", "Stretch", "BilledMetrics", "LateRevisions", "Early"},
	reflect.TypeFor[fleet.Source]():   {"Question", "Refused", "Progress"},
	reflect.TypeFor[fleet.Endpoint](): {"Question", "History", "Refused", "Unread"},
	reflect.TypeFor[fleet.Variant]():  {"Target", "Policies", "Scheduled", "Alarms"},
	reflect.TypeFor[fleet.Policy]():   {"Lost"},
}

// indices are the names of the elements of arrays that are indexed by a metric.
func indices(t reflect.Type, field string) []string {
	switch {
	case t == reflect.TypeFor[fleet.Queue]():
		return namesOf(fleet.QueueMetrics())
	case field == "Totals" || field == "Longest":
		return namesOf(fleet.WorkMetrics())
	case field == "Hosts":
		return namesOf(fleet.HostMetrics())
	}
	return nil
}

func namesOf[M fmt.Stringer](metrics []M) []string {
	names := make([]string, len(metrics))
	for i, metric := range metrics {
		names[i] = metric.String()
	}
	return names
}

// member is one key of an object.
type member struct {
	key   string
	field reflect.StructField
}

// members are the keys of a struct's object, in the order of its fields; those of embedded structs stand among them.
func members(t reflect.Type) []member {
	var list []member
	for _, field := range reflect.VisibleFields(t) {
		if field.Anonymous || slices.Contains(left[t], field.Name) {
			continue
		}
		list = append(list, member{snake(field.Name), field})
	}
	return list
}

// snake is a name as a key: ARN is arn, MinCapacity is min_capacity, S3OutputPath is s3_output_path.
func snake(name string) string {
	var out strings.Builder
	letters := []rune(name)
	for i, letter := range letters {
		next := i+1 < len(letters) && unicode.IsLower(letters[i+1])
		if i > 0 && unicode.IsUpper(letter) && (!unicode.IsUpper(letters[i-1]) || next) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(letter))
	}
	return out.String()
}

// object keeps the order of its keys.
type object []pair

type pair struct {
	key   string
	value any
}

// render writes a tree as indented JSON.
func render(out *bytes.Buffer, tree any, indent string) error {
	inner := indent + "  "
	switch v := tree.(type) {
	case object:
		out.WriteByte('{')
		for i, p := range v {
			separate(out, i, inner)
			if err := render(out, p.key, inner); err != nil {
				return err
			}
			out.WriteString(": ")
			if err := render(out, p.value, inner); err != nil {
				return err
			}
		}
		end(out, len(v), indent, '}')
		return nil
	case []any:
		out.WriteByte('[')
		for i, item := range v {
			separate(out, i, inner)
			if err := render(out, item, inner); err != nil {
				return err
			}
		}
		end(out, len(v), indent, ']')
		return nil
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(tree); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the encoder ends each value with a new line
	return nil
}

func separate(out *bytes.Buffer, i int, indent string) {
	if i > 0 {
		out.WriteByte(',')
	}
	out.WriteString("\n" + indent)
}

func end(out *bytes.Buffer, items int, indent string, bracket byte) {
	if items > 0 {
		out.WriteString("\n" + indent)
	}
	out.WriteByte(bracket)
}

// encode makes the tree of a value.
func encode(v reflect.Value) (any, error) {
	switch v.Type() {
	case durationType:
		return fleet.Short(time.Duration(v.Int())), nil
	case timeType:
		return v.Interface().(time.Time).UTC().Format(time.RFC3339Nano), nil
	}
	switch v.Kind() {
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Pointer:
		return encode(v.Elem())
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			item, err := encode(v.Index(i))
			if err != nil {
				return nil, err
			}
			list[i] = item
		}
		return list, nil
	case reflect.Map:
		o, entries := object{}, mapOf(v)
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			item, err := encode(entries[key])
			if err != nil {
				return nil, err
			}
			o = append(o, pair{key, item})
		}
		return o, nil
	case reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return nil, fmt.Errorf("%v is no number in JSON", v.Float())
		}
	}
	return v.Interface(), nil
}

func mapOf(v reflect.Value) map[string]reflect.Value {
	entries := make(map[string]reflect.Value, v.Len())
	for iterator := v.MapRange(); iterator.Next(); {
		entries[iterator.Key().String()] = iterator.Value()
	}
	return entries
}

func encodeStruct(v reflect.Value) (any, error) {
	o := object{}
	for _, m := range members(v.Type()) {
		value := v.FieldByIndex(m.field.Index)
		if empty(value) {
			continue
		}
		var item any
		var err error
		if names := indices(m.field.Type, m.field.Name); names != nil {
			item, err = encodeIndexed(value, names)
		} else {
			item, err = encode(value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.key, err)
		}
		o = append(o, pair{m.key, item})
	}
	return o, nil
}

// encodeIndexed names the elements of an array; those that are empty are left out.
func encodeIndexed(v reflect.Value, names []string) (any, error) {
	o := object{}
	for i, name := range names {
		if v.Index(i).IsZero() {
			continue
		}
		item, err := encode(v.Index(i))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		o = append(o, pair{name, item})
	}
	return o, nil
}

// empty tells whether a value is left out: a number and a boolean never are.
func empty(v reflect.Value) bool { return v.IsZero() && !plain(v.Type()) }

// plain tells whether the type is that of a number or a boolean.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float64:
		return t != durationType
	default:
		return false
	}
}

// mostDepth is how deep the objects of a file may lie within each other; those that are written lie nine deep.
const mostDepth = 32

// parse reads JSON into maps, lists, strings, json.Numbers and booleans. A key that stands twice is an error: of two values one would be
// lost.
func parse(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	tree, err := parseValue(decoder, "", 0)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the JSON object")
		}
	}
	if err != nil {
		line := 1 + bytes.Count(data[:min(decoder.InputOffset(), int64(len(data)))], []byte("\n"))
		return nil, fmt.Errorf("line %d: %w", line, err)
	}
	return tree, nil
}

func parseValue(decoder *json.Decoder, place string, depth int) (any, error) {
	token, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if depth > mostDepth {
		return nil, fmt.Errorf("%s: nested too deeply", place)
	}
	switch token {
	case json.Delim('{'):
		o := map[string]any{}
		for decoder.More() {
			token, err := decoder.Token()
			if err != nil {
				return nil, fmt.Errorf("not JSON: %w", err)
			}
			key, _ := token.(string)
			if _, twice := o[key]; twice {
				return nil, fmt.Errorf("%s: it stands twice", at(place, key))
			}
			if o[key], err = parseValue(decoder, at(place, key), depth+1); err != nil {
				return nil, err
			}
		}
		_, err = decoder.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			item, err := parseValue(decoder, fmt.Sprintf("%s[%d]", place, len(list)), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = decoder.Token()
		return list, err
	}
	return token, nil
}

func at(place, key string) string {
	if place == "" {
		return key
	}
	return place + "." + key
}

// decode fills a value from its tree.
func decode(place string, tree any, into reflect.Value) error {
	wrong := func(want string) error { return fmt.Errorf("%s: %s is not %s", place, shown(tree), want) }
	switch into.Type() {
	case durationType:
		text, _ := tree.(string)
		d, err := time.ParseDuration(text)
		if err != nil {
			return wrong("a duration: write for example 5m or 1h30m")
		}
		into.SetInt(int64(d))
		return nil
	case timeType:
		text, _ := tree.(string)
		moment, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || moment.Year() < 1 || moment.Year() > 9999 {
			return wrong("a moment: write for example 2026-03-02T09:00:00Z")
		}
		into.Set(reflect.ValueOf(moment.UTC()))
		return nil
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return decode(place, tree, into.Elem())
	case reflect.Struct:
		fields, ok := tree.(map[string]any)
		if !ok {
			return wrong("an object")
		}
		return decodeStruct(place, fields, into)
	case reflect.Slice:
		return decodeSlice(place, tree, into)
	case reflect.Array:
		list, ok := tree.([]any)
		if !ok || len(list) != into.Len() {
			return wrong(fmt.Sprintf("a list of %d", into.Len()))
		}
		for i, item := range list {
			if err := decode(fmt.Sprintf("%s[%d]", place, i), item, into.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Map:
		fields, ok := tree.(map[string]any)
		if !ok {
			return wrong("an object")
		}
		into.Set(reflect.MakeMapWithSize(into.Type(), len(fields)))
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			value := reflect.New(into.Type().Elem()).Elem()
			if err := decode(at(place, key), fields[key], value); err != nil {
				return err
			}
			into.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), value)
		}
		return nil
	case reflect.String:
		text, ok := tree.(string)
		if !ok {
			return wrong("a text")
		}
		into.SetString(text)
		return nil
	case reflect.Bool:
		value, ok := tree.(bool)
		if !ok {
			return wrong("true or false")
		}
		into.SetBool(value)
		return nil
	default:
		number, ok := tree.(json.Number)
		if !ok {
			return wrong("a number")
		}
		return decodeNumber(number.String(), into, wrong)
	}
}

func decodeNumber(text string, into reflect.Value, wrong func(string) error) error {
	if into.Kind() == reflect.Float64 {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return wrong("a number that can be told exactly")
		}
		into.SetFloat(value)
		return nil
	}
	if into.CanUint() {
		value, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return wrong("a whole number, 0 or more")
		}
		into.SetUint(value)
		return nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return wrong("a whole number")
	}
	into.SetInt(value)
	return nil
}

func decodeSlice(place string, tree any, into reflect.Value) error {
	list, ok := tree.([]any)
	if !ok {
		return fmt.Errorf("%s: %s is not a list", place, shown(tree))
	}
	into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
	for i, item := range list {
		if err := decode(fmt.Sprintf("%s[%d]", place, i), item, into.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeStruct(place string, fields map[string]any, into reflect.Value) error {
	known := map[string]bool{}
	for _, m := range members(into.Type()) {
		known[m.key] = true
		value, given := fields[m.key]
		var err error
		names := indices(m.field.Type, m.field.Name)
		switch {
		case given && names != nil:
			err = decodeIndexed(at(place, m.key), value, names, into.FieldByIndex(m.field.Index))
		case given:
			err = decode(at(place, m.key), value, into.FieldByIndex(m.field.Index))
		case plain(m.field.Type):
			err = fmt.Errorf("%s: it is missing", at(place, m.key))
		}
		if err != nil {
			return err
		}
	}
	return unknownKey(place, fields, known)
}

func decodeIndexed(place string, tree any, names []string, into reflect.Value) error {
	fields, ok := tree.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: %s is not an object", place, shown(tree))
	}
	known := map[string]bool{}
	for i, name := range names {
		known[name] = true
		if value, given := fields[name]; given {
			if err := decode(at(place, name), value, into.Index(i)); err != nil {
				return err
			}
		}
	}
	return unknownKey(place, fields, known)
}

func unknownKey(place string, fields map[string]any, known map[string]bool) error {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !known[key] {
			return fmt.Errorf("%s: the key is not known", at(place, key))
		}
	}
	return nil
}

// mostShown is how much of a wrong value is shown.
const mostShown = 40

// shown is a value for a message.
func shown(tree any) string {
	switch tree.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	}
	text, err := json.Marshal(tree)
	if err != nil || len(text) > mostShown {
		return fmt.Sprintf("the value of %d characters", len(text))
	}
	return string(text)
}
