package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Only internal/autoscaling knows when an alarm goes into ALARM and what a policy then asks for. Checks, plan and explain ask
// behaviour, which asks it: another place that compares a value with a threshold would judge for itself.
func TestArithmetic_existsOnce(t *testing.T) {
	ordered := []token.Token{token.LSS, token.GTR, token.LEQ, token.GEQ}
	asks := []string{"internal/check", "internal/plan", "internal/explain", "internal/report", "internal/advise", "internal/simulate", "internal/web", "collector"}
	found := 0
	for dir, files := range packages(t, parser.SkipObjectResolution) {
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				compared, ok := n.(*ast.BinaryExpr)
				if !ok || !slices.Contains(ordered, compared.Op) {
					return true
				}
				for _, operand := range []ast.Expr{compared.X, compared.Y} {
					selector, ok := operand.(*ast.SelectorExpr)
					if !ok || selector.Sel.Name != "Threshold" {
						continue
					}
					if dir != "internal/autoscaling" {
						t.Errorf("%s compares a value with the threshold of an alarm", dir)
					}
				}
				return true
			})
			if dir != "internal/autoscaling" && !slices.Contains(asks, dir) {
				continue
			}
			ast.Inspect(file, func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				text, _ := strconv.Unquote(literal.Value)
				if dir == "internal/autoscaling" {
					if text == "GreaterThanThreshold" {
						found++
					}
					return true
				}
				for _, word := range []string{"AlarmHigh", "AlarmLow", "breaching", "notBreaching"} {
					if text == word {
						t.Errorf("%s judges by %q: ask internal/behavior", dir, text)
					}
				}
				if strings.HasSuffix(text, "ThanThreshold") && dir != "internal/web" && dir != "internal/plan" { // words for people; whose alarm it is
					t.Errorf("%s judges by the comparison %q: ask internal/behavior", dir, text)
				}
				return true
			})
		}
	}
	if found == 0 {
		t.Error("internal/autoscaling does not know the comparisons of alarms: this test looks at the wrong place")
	}
}
