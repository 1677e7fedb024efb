package awsapi

import (
	"encoding/binary"
	"errors"
)

// shape is how much an answer holds. It is measured before the answer is decoded, because a decoder makes forty bytes of
// two.
type shape struct {
	depth  int
	values int
	rows   int // what the lists of the answer's own members have, AWS's rows
	number int // characters of the longest number
}

// add counts values at a depth: those inside of the members of the answer are its rows.
func (s *shape) add(depth, values int) {
	s.values += values
	if depth == 2 {
		s.rows += values
	}
}

// shapeOfJSON measures a text without decoding it, and is good for texts that are no JSON too: it then counts what a
// decoder would reach before it fails.
func shapeOfJSON(text []byte) (s shape) {
	depth, number := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case c == '{' || c == '[':
			depth++
			s.depth = max(s.depth, depth)
			s.add(depth, 1)
		case c == '}' || c == ']':
			depth--
		case c == ',':
			s.add(depth, 1)
		case c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E':
			number++
			s.number = max(s.number, number)
			continue
		}
		number = 0
	}
	return s
}

// errNotCBOR is of bytes that end too early, or go on after the end, or follow no rule.
var errNotCBOR = errors.New("it is not CBOR")

// errTwice is of a member that is there twice: which of the two is meant nobody knows.
var errTwice = errors.New("a member is there twice")

// The kinds of values in CBOR.
const (
	cborBytes, cborText, cborList, cborMap, cborTag, cborOther = 2, 3, 4, 5, 6, 7
	cborIndefinite                                             = 31
	cborBreak                                                  = 0xff
)

// cborFrame is a list, a map, a tag or a text in parts that has begun.
type cborFrame struct {
	kind  byte
	left  uint64          // how many values are still to come, of a map two for each member
	names map[string]bool // of a map
}

// unsaid is how many values come where their number is not said.
const unsaid = 1 << 63

// shapeOfCBOR measures a value and whatever is in it. What is nested too deeply ends it.
func shapeOfCBOR(data []byte) (shape, error) {
	var s shape
	open := []cborFrame{{kind: cborList, left: 1}}
	for len(open) > 0 {
		last := len(open) - 1
		frame := &open[last]
		if frame.left == 0 {
			open = open[:last]
			continue
		}
		if len(data) == 0 {
			return s, errNotCBOR
		}
		if data[0] == cborBreak {
			if frame.left < unsaid/2 || frame.kind == cborMap && frame.left%2 == 1 {
				return s, errNotCBOR
			}
			data, open = data[1:], open[:last]
			continue
		}
		named := frame.kind == cborMap && frame.left%2 == 0 // what comes is the name of a member
		frame.left--
		s.add(last, 1)
		kind, argument, rest, ok := cborHead(data)
		indefinite := data[0]&31 == cborIndefinite
		if !ok || named && (kind != cborText || indefinite) || (frame.kind == cborText || frame.kind == cborBytes) && (kind != frame.kind || indefinite) {
			return s, errNotCBOR
		}
		data = rest
		inside := uint64(0)
		switch {
		case kind == cborList || kind == cborMap:
			if argument > uint64(len(data)) { // each has a byte at least
				return s, errNotCBOR
			}
			if inside = argument; kind == cborMap {
				inside *= 2
			}
		case kind == cborTag:
			inside = 1
		case (kind == cborBytes || kind == cborText) && !indefinite:
			if argument > uint64(len(data)) {
				return s, errNotCBOR
			}
			if named {
				name := string(data[:argument])
				if frame.names[name] {
					return s, errTwice
				}
				if frame.names == nil {
					frame.names = map[string]bool{}
				}
				frame.names[name] = true
			}
			data = data[argument:]
		}
		if indefinite && kind != cborOther {
			inside = unsaid
		}
		if inside > 0 {
			open = append(open, cborFrame{kind: kind, left: inside})
			if s.depth = max(s.depth, last+1); s.depth > deepest {
				return s, nil
			}
		}
	}
	if len(data) > 0 {
		return s, errNotCBOR
	}
	return s, nil
}

// cborHead splits the kind and the argument of the first value off.
func cborHead(data []byte) (kind byte, argument uint64, rest []byte, ok bool) {
	kind, minor := data[0]>>5, data[0]&31
	data = data[1:]
	switch {
	case minor < 24:
		return kind, uint64(minor), data, true
	case minor == cborIndefinite:
		return kind, 0, data, kind != cborTag && kind >= cborBytes
	case minor > 27:
		return 0, 0, nil, false
	}
	length := 1 << (minor - 24)
	if len(data) < length {
		return 0, 0, nil, false
	}
	var whole [8]byte
	copy(whole[8-length:], data)
	return kind, binary.BigEndian.Uint64(whole[:]), data[length:], true
}
