package awssim

import (
	"bytes"
	"encoding/xml"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// queryProtocol is AWS's oldest one: a form in, XML out.
type queryProtocol struct {
	namespace string // of the XML
}

func (p queryProtocol) decode(body []byte) (args, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fail("MalformedQueryString", "the body is not a form: "+err.Error())
	}
	input := args{}
	for key, values := range form {
		path := strings.Split(key, ".")
		if len(path) > deepest {
			return nil, fail("MalformedQueryString", "the parameter "+path[0]+" is nested too deeply")
		}
		setPath(input, path, values[0])
	}
	for key, value := range input {
		input[key] = collectLists(value)
	}
	return input, nil
}

// deepest is how many parts a key may have; CloudWatch's longest have eight.
const deepest = 32

// setPath files a value such as Dimensions.member.1.Name under one map per part of its key.
func setPath(into args, path []string, value string) {
	for _, part := range path[:len(path)-1] {
		next, ok := into[part].(args)
		if !ok {
			next = args{}
			into[part] = next
		}
		into = next
	}
	last := path[len(path)-1]
	if _, taken := into[last].(args); !taken {
		into[last] = value
	}
}

// collectLists turns every map whose only key is member, and below it numbers, into a list in the order of the numbers.
func collectLists(value any) any {
	v, ok := value.(args)
	if !ok {
		return value
	}
	if members, ok := v["member"].(args); ok && len(v) == 1 {
		type entry struct {
			at   int
			item any
		}
		entries := make([]entry, 0, len(members))
		for key, item := range members {
			at, err := strconv.Atoi(key)
			if err != nil {
				continue
			}
			entries = append(entries, entry{at, collectLists(item)})
		}
		slices.SortFunc(entries, func(a, b entry) int { return a.at - b.at })
		items := make([]any, len(entries))
		for i, e := range entries {
			items[i] = e.item
		}
		return items
	}
	for key, member := range v {
		v[key] = collectLists(member)
	}
	return v
}

func (p queryProtocol) answer(header http.Header, operation, requestID string, output record) []byte {
	header.Set("Content-Type", "text/xml")
	header.Set("X-Amzn-Requestid", requestID)
	var b bytes.Buffer
	b.WriteString("<" + operation + `Response xmlns="` + p.namespace + `">`)
	if output != nil {
		writeElement(&b, operation+"Result", output)
	}
	writeElement(&b, "ResponseMetadata", record{{"RequestId", requestID}})
	b.WriteString("</" + operation + "Response>")
	return b.Bytes()
}

// status of an unknown operation is 400 here: the request has one address for all of them.
func (p queryProtocol) status(code string) int {
	if queryCode(code) == "InvalidAction" {
		return http.StatusBadRequest
	}
	return statusOf(code)
}

func (p queryProtocol) failure(header http.Header, requestID string, f *failure) []byte {
	header.Set("Content-Type", "text/xml")
	header.Set("X-Amzn-Requestid", requestID)
	var b bytes.Buffer
	b.WriteString(`<ErrorResponse xmlns="` + p.namespace + `">`)
	writeElement(&b, "Error", record{{"Type", f.sender()}, {"Code", queryCode(jsonCode(f.code))}, {"Message", f.message}})
	writeElement(&b, "RequestId", requestID)
	b.WriteString("</ErrorResponse>")
	return b.Bytes()
}

func writeElement(b *bytes.Buffer, name string, value any) {
	b.WriteString("<" + name + ">")
	switch v := value.(type) {
	case record:
		for _, f := range v {
			writeElement(b, f.name, f.value)
		}
	case []any:
		writeMembers(b, v)
	case []string:
		writeMembers(b, v)
	case []float64:
		writeMembers(b, v)
	case []time.Time:
		writeMembers(b, v)
	case string:
		_ = xml.EscapeText(b, []byte(v)) // a bytes.Buffer cannot fail
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case float64:
		b.WriteString(xmlFloat(v))
	case time.Time:
		b.WriteString(v.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	b.WriteString("</" + name + ">")
}

func writeMembers[T any](b *bytes.Buffer, items []T) {
	for _, item := range items {
		writeElement(b, "member", item)
	}
}

func xmlFloat(n float64) string {
	switch {
	case math.IsInf(n, 1):
		return "Infinity"
	case math.IsInf(n, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}
