package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	withLine   = regexp.MustCompile(`^(?:yaml: )?line (\d+): (?s:(.*))$`)
	unknownKey = regexp.MustCompile(`^field (.*) not found in type (\S+)$`)
	wrongType  = regexp.MustCompile("^cannot unmarshal !!(\\w+)(?: `(.*)`)? into (\\S+)$")
)

// explain turns the YAML library's errors into ones that speak of the file and not of Go.
func explain(file string, err error) Errors {
	texts := []string{err.Error()}
	if collected := (*yaml.TypeError)(nil); errors.As(err, &collected) {
		texts = collected.Errors
	}
	var found Errors
	for _, text := range texts {
		one := Error{File: file, What: "not YAML: " + strings.TrimPrefix(text, "yaml: ")}
		if parts := withLine.FindStringSubmatch(text); parts != nil {
			one.Line, _ = strconv.Atoi(parts[1]) // the expression lets only digits through
			one.What = what(parts[2], strings.HasPrefix(text, "yaml: "))
		}
		found = append(found, one)
	}
	return sorted(found)
}

func what(text string, syntax bool) string {
	if parts := unknownKey.FindStringSubmatch(text); parts != nil {
		known := keys()[parts[2]]
		return fmt.Sprintf("unknown key %q%s; known here: %s", parts[1], suggestion(parts[1], known), strings.Join(known, ", "))
	}
	if parts := wrongType.FindStringSubmatch(text); parts != nil {
		got := map[string]string{"seq": "a list", "map": "a mapping"}[parts[1]]
		if got == "" {
			got = strconv.Quote(parts[2])
		}
		return fmt.Sprintf("want %s, not %s", wanted(parts[3]), got)
	}
	if syntax {
		return "not YAML: " + text
	}
	return text
}

// wanted says in the words of a file what a Go type takes.
func wanted(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "map["):
		return "a mapping of names to values"
	case goType == "string":
		return "text"
	case goType == "bool":
		return "true or false"
	}
	if known := keys()[goType]; known != nil {
		return "a mapping with the keys " + strings.Join(known, ", ")
	}
	return goType
}

// keys lists the keys of every struct of the file by the name of its type, sorted.
func keys() map[string][]string {
	found := map[string][]string{}
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		if t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return
		}
		for field := range t.Fields() {
			key, ok := field.Tag.Lookup("yaml")
			if _, former := field.Tag.Lookup("now"); ok && !former {
				found[t.String()] = append(found[t.String()], key)
				visit(field.Type)
			}
		}
	}
	visit(reflect.TypeFor[Config]())
	for _, list := range maps.All(found) {
		slices.Sort(list)
	}
	return found
}

// suggestion names the known key that was probably meant, if one is near.
func suggestion(key string, known []string) string {
	if best := Nearest(key, known); best != "" {
		return fmt.Sprintf(": did you mean %q?", best)
	}
	return ""
}

// Nearest is the known word that was probably meant by one that is misspelt; empty when none is near.
func Nearest(word string, known []string) string {
	best, nearest := "", len(word)/3+2
	for _, candidate := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(candidate)); d < nearest {
			best, nearest = candidate, d
		}
	}
	return best
}

// distance is the number of letters to add, drop or replace to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
