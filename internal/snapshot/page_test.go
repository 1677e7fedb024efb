package snapshot

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var update = flag.Bool("update", false, "write the table of docs/snapshot.md")

const (
	page      = "../../docs/snapshot.md"
	pageBegin = "<!-- Made by go test ./internal/snapshot -run TestPage -update. -->\n"
)

// The page has every key of the format, with what the types of package fleet say of it.
func TestPage_hasEveryKey(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	introduction, written, ok := strings.Cut(string(text), pageBegin)
	if !ok {
		t.Fatalf("%s has no line %q", page, pageBegin)
	}
	table := keys(comments(t))
	if *update {
		if err := os.WriteFile(page, []byte(introduction+pageBegin+table), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if written != table || len(table) < 5000 {
		t.Errorf("%s is not what the types say: run this test with -update", page)
	}
}

// comments are those of the fields of package fleet, by type and field.
func comments(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob("../fleet/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if of, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range of.Fields.List {
					for _, name := range field.Names {
						found[spec.Name.Name+"."+name.Name] = strings.TrimSpace(strings.ReplaceAll(field.Comment.Text(), "\n", " "))
					}
				}
			}
			return true
		})
	}
	return found
}

// keys is a section for each object of the format.
func keys(comments map[string]string) string {
	var out strings.Builder
	done := []reflect.Type{}
	for queue := []reflect.Type{reflect.TypeFor[fleet.Snapshot]()}; len(queue) > 0; queue = queue[1:] {
		of := queue[0]
		if slices.Contains(done, of) {
			continue
		}
		done = append(done, of)
		fmt.Fprintf(&out, "\n### %s\n\n| key | is | |\n|---|---|---|\n", title(of))
		for _, m := range members(of) {
			owner := of
			if len(m.field.Index) > 1 {
				owner = of.Field(m.field.Index[0]).Type
			}
			form, next := form(m.field.Type, m.field.Name)
			fmt.Fprintf(&out, "| `%s` | %s | %s |\n", m.key, form, strings.ReplaceAll(comments[owner.Name()+"."+m.field.Name], "|", "\\|"))
			if next != nil {
				queue = append(queue, next)
			}
		}
	}
	return out.String()
}

// title is the heading of a type's section.
func title(of reflect.Type) string {
	if of == reflect.TypeFor[fleet.Snapshot]() {
		return "scopes"
	}
	return strings.ReplaceAll(snake(of.Name()), "_", " ")
}

// form says what a value is, and which object it is or holds.
func form(of reflect.Type, field string) (text string, object reflect.Type) {
	link := func(of reflect.Type) string {
		return "[" + title(of) + "](#" + strings.ReplaceAll(title(of), " ", "-") + ")"
	}
	if names := indices(of, field); names != nil {
		return "by metric: " + link(of.Elem()), of.Elem()
	}
	switch of {
	case durationType:
		return "duration", nil
	case timeType:
		return "moment", nil
	}
	switch of.Kind() {
	case reflect.Pointer:
		return form(of.Elem(), field)
	case reflect.Struct:
		return link(of), of
	case reflect.Slice, reflect.Array:
		text, object = form(of.Elem(), field)
		return "list: " + text, object
	case reflect.Map:
		text, object = form(of.Elem(), field)
		return "object: " + text, object
	case reflect.String:
		return "text", nil
	case reflect.Bool:
		return "true or false", nil
	case reflect.Float64:
		return "number", nil
	default:
		return "whole number", nil
	}
}
