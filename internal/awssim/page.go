package awssim

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// page cuts one page out of a list. Its token names the operation, the place, and the item before that place, so that
// a list which has changed between two pages is continued after the same item; it depends on nothing else. The error is
// the operation's own for a token that is not its.
func page[T any](c *call, items []T, key func(T) string, size int, badToken *failure) (cut []T, next string, err error) {
	start := 0
	if token := c.in.text("NextToken"); token != "" {
		offset, last, ok := readToken(c.operation, token)
		if !ok {
			return nil, "", badToken
		}
		start = resume(items, key, offset, last)
	}
	end := min(start+size, len(items))
	if c.fault.Break == EmptyPage {
		end = start
	}
	if end < len(items) || c.fault.Break == EmptyPage {
		next = tokenAt(c.operation, items, key, end)
	}
	if c.fault.Break == EmptyPage {
		next = renamed(next)
	}
	if c.fault.Break == RepeatedToken {
		next = tokenAt(c.operation, items, key, start)
	}
	return items[start:end], next, nil
}

func resume[T any](items []T, key func(T) string, offset int, last string) int {
	if offset == 0 || offset <= len(items) && key(items[offset-1]) == last {
		return offset
	}
	for i, item := range items {
		if key(item) == last {
			return i + 1
		}
	}
	return min(offset, len(items))
}

func tokenAt[T any](operation string, items []T, key func(T) string, offset int) string {
	last := ""
	if offset > 0 {
		last = key(items[offset-1])
	}
	return token(operation, offset, last)
}

func token(operation string, offset int, last string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(operation + "|" + strconv.Itoa(offset) + "|" + last))
}

// renamed is another token of the same place: AWS's differ from page to page, also where a page is empty.
func renamed(of string) string {
	operation, offset, last, ok := cutToken(of)
	if !ok {
		return of
	}
	return base64.RawURLEncoding.EncodeToString([]byte(operation + "|+" + offset + "|" + last))
}

func readToken(operation, token string) (offset int, last string, ok bool) {
	of, number, last, ok := cutToken(token)
	if !ok || of != operation {
		return 0, "", false
	}
	offset, err := strconv.Atoi(number)
	return offset, last, err == nil && offset >= 0
}

func cutToken(token string) (operation, offset, last string, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	parts := strings.SplitN(string(text), "|", 3)
	if err != nil || len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}
