package autoscaling

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// The syntax of metric math: a tree of numbers, names of queries, operators, lists and calls.

type node struct {
	kind nodeKind
	text string // the operator, the function, the name or the string
	num  float64
	args []node
}

type nodeKind uint8

const (
	number nodeKind = iota
	name
	quoted
	operator // one or two args
	list
	call
)

// most that an expression may have; CloudWatch allows 2,048 characters.
const (
	longestExpression = 2048
	deepestExpression = 100
)

type parser struct {
	tokens []string
	depth  int
}

// parse reads an expression.
func parse(expression string) (node, error) {
	if len(expression) > longestExpression {
		return node{}, fmt.Errorf("an expression of %d characters is too long", len(expression))
	}
	tokens, err := scan(expression)
	if err != nil {
		return node{}, err
	}
	p := parser{tokens: tokens}
	n, err := p.either()
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("%q is not understood", p.tokens[0])
	}
	return n, err
}

// scan cuts an expression into names, numbers, strings and signs.
func scan(text string) (tokens []string, err error) {
	for text != "" {
		r := rune(text[0])
		n := 1
		switch {
		case unicode.IsSpace(r):
			text = text[1:]
			continue
		case r == '"' || r == '\'':
			end := strings.IndexByte(text[1:], text[0])
			if end < 0 {
				return nil, fmt.Errorf("a string has no end")
			}
			n = end + 2
		case unicode.IsDigit(r) || r == '.':
			for n < len(text) && (unicode.IsDigit(rune(text[n])) || text[n] == '.' ||
				(text[n] == 'e' || text[n] == 'E') && n+1 < len(text) && (unicode.IsDigit(rune(text[n+1])) || text[n+1] == '-') ||
				text[n] == '-' && (text[n-1] == 'e' || text[n-1] == 'E')) {
				n++
			}
		case unicode.IsLetter(r) || r == '_':
			for n < len(text) && (unicode.IsLetter(rune(text[n])) || unicode.IsDigit(rune(text[n])) || text[n] == '_') {
				n++
			}
		default:
			for _, sign := range []string{"==", "!=", "<=", ">=", "&&", "||"} {
				if strings.HasPrefix(text, sign) {
					n = 2
				}
			}
			if n == 1 && !strings.ContainsRune("+-*/^()[],<>", r) {
				return nil, fmt.Errorf("%q is not understood", text[0])
			}
		}
		tokens = append(tokens, text[:n])
		text = text[n:]
	}
	return tokens, nil
}

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	token := p.peek()
	if len(p.tokens) > 0 {
		p.tokens = p.tokens[1:]
	}
	return token
}

func (p *parser) expect(token string) error {
	if got := p.next(); got != token {
		return fmt.Errorf("%q is expected and %q is there", token, got)
	}
	return nil
}

// levels are the binary operators, the loosest first.
var levels = [][]string{
	{"OR", "||"}, {"AND", "&&"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/"},
}

func (p *parser) either() (node, error) { return p.binary(0) }

func (p *parser) binary(level int) (node, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		sign := ""
		for _, known := range levels[level] {
			if p.peek() == known {
				sign = known
			}
		}
		if sign == "" {
			break
		}
		p.next()
		var right node
		right, err = p.binary(level + 1)
		left = node{kind: operator, text: sign, args: []node{left, right}}
	}
	return left, err
}

func (p *parser) unary() (node, error) {
	if p.peek() == "-" {
		p.next()
		if p.depth++; p.depth > deepestExpression {
			return node{}, fmt.Errorf("it is nested too deeply")
		}
		operand, err := p.unary()
		return node{kind: operator, text: "-", args: []node{operand}}, err
	}
	base, err := p.primary()
	if err == nil && p.peek() == "^" {
		p.next()
		var power node
		power, err = p.unary()
		base = node{kind: operator, text: "^", args: []node{base, power}}
	}
	return base, err
}

func (p *parser) primary() (node, error) {
	if p.depth++; p.depth > deepestExpression {
		return node{}, fmt.Errorf("it is nested too deeply")
	}
	token := p.next()
	switch {
	case token == "":
		return node{}, fmt.Errorf("it ends too early")
	case token == "(":
		n, err := p.either()
		if err == nil {
			err = p.expect(")")
		}
		return n, err
	case token == "[":
		args, err := p.arguments("]")
		return node{kind: list, args: args}, err
	case token[0] == '"' || token[0] == '\'':
		return node{kind: quoted, text: token[1 : len(token)-1]}, nil
	case token[0] == '.' || token[0] >= '0' && token[0] <= '9':
		value, err := strconv.ParseFloat(token, 64)
		if err != nil {
			return node{}, fmt.Errorf("%q is no number", token)
		}
		return node{kind: number, num: value}, nil
	case unicode.IsLetter(rune(token[0])) || token[0] == '_':
		if p.peek() == "(" {
			p.next()
			args, err := p.arguments(")")
			return node{kind: call, text: token, args: args}, err
		}
		return node{kind: name, text: token}, nil
	}
	return node{}, fmt.Errorf("%q is not understood", token)
}

// arguments reads until the closing sign.
func (p *parser) arguments(end string) (args []node, err error) {
	if p.peek() == end {
		p.next()
		return nil, nil
	}
	for {
		one, err := p.either()
		if err != nil {
			return nil, err
		}
		args = append(args, one)
		if token := p.next(); token == end {
			return args, nil
		} else if token != "," {
			return nil, fmt.Errorf("%q or a comma is expected and %q is there", end, token)
		}
	}
}
