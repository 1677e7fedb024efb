package awssim

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"
)

// jsonProtocol is AWS JSON 1.0 and 1.1, which differ in little more than the content type.
type jsonProtocol struct {
	contentType string // application/x-amz-json-1.0 or -1.1
	queryErrors bool   // names errors in the query protocol's way too, as services do that once spoke only that
}

func (p jsonProtocol) decode(body []byte) (args, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return args{}, nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, fail("SerializationException", "the body is not JSON: "+err.Error())
	}
	input, ok := fromJSON(value).(args)
	if !ok {
		return nil, fail("SerializationException", "the body is not a JSON object")
	}
	return input, nil
}

// fromJSON changes the maps to args in place of copying leaf by leaf.
func fromJSON(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			v[key] = fromJSON(member)
		}
		return args(v)
	case []any:
		for i, item := range v {
			v[i] = fromJSON(item)
		}
	}
	return value
}

func (p jsonProtocol) answer(header http.Header, _, requestID string, output record) []byte {
	header.Set("Content-Type", p.contentType)
	header.Set("X-Amzn-Requestid", requestID)
	return appendJSON(nil, output)
}

// status of the services that never spoke anything but JSON is 400 for everything that is the client's fault, denied
// access and expired credentials included.
func (p jsonProtocol) status(code string) int {
	if status := statusOf(code); p.queryErrors || status >= http.StatusInternalServerError {
		return status
	}
	return http.StatusBadRequest
}

func (p jsonProtocol) failure(header http.Header, requestID string, f *failure) []byte {
	code := jsonCode(f.code)
	header.Set("Content-Type", p.contentType)
	header.Set("X-Amzn-Requestid", requestID)
	header.Set("X-Amzn-Errortype", code)
	if p.queryErrors {
		header.Set("X-Amzn-Query-Error", queryCode(code)+";"+f.sender())
	}
	return appendJSON(nil, record{{"__type", code}, {"message", f.message}, {"Message", f.message}})
}

func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case record:
		b = append(b, '{')
		for i, f := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(b, f.name), ':')
			b = appendJSON(b, f.value)
		}
		return append(b, '}')
	case []any:
		return appendJSONList(b, v, appendJSON)
	case []string:
		return appendJSONList(b, v, appendQuoted)
	case []float64:
		return appendJSONList(b, v, appendJSONFloat)
	case []time.Time:
		return appendJSONList(b, v, appendEpoch)
	case string:
		return appendQuoted(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case float64:
		return appendJSONFloat(b, v)
	case time.Time:
		return appendEpoch(b, v)
	}
	return append(b, "null"...)
}

func appendJSONList[T any](b []byte, items []T, add func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = add(b, item)
	}
	return append(b, ']')
}

// appendJSONFloat writes what JSON has no number for as AWS does, in words.
func appendJSONFloat(b []byte, n float64) []byte {
	switch {
	case math.IsNaN(n):
		return append(b, `"NaN"`...)
	case math.IsInf(n, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(n, -1):
		return append(b, `"-Infinity"`...)
	}
	return strconv.AppendFloat(b, n, 'g', -1, 64)
}

// appendEpoch writes a timestamp as seconds with milliseconds, without the exponent that a float would get.
func appendEpoch(b []byte, t time.Time) []byte {
	return strconv.AppendFloat(b, float64(t.UnixMilli())/1000, 'f', -1, 64)
}

func appendQuoted(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(text) // a string cannot fail
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}
