package awssim

import (
	"encoding/binary"
	"math"
	"net/http"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// cborProtocol is Smithy RPC v2 with CBOR, which CloudWatch's newer clients speak.
//
// Requests are decoded by Smithy's codec. Answers are written directly: the codec encodes a tree of its own only, and
// building that for hundreds of series takes longer than writing the bytes.
type cborProtocol struct{}

func (cborProtocol) decode(body []byte) (args, error) {
	if len(body) == 0 {
		return args{}, nil
	}
	value, err := cbor.Decode(body)
	if err != nil {
		return nil, fail("SerializationException", "the body is not CBOR: "+err.Error())
	}
	input, ok := fromCBOR(value).(args)
	if !ok {
		return nil, fail("SerializationException", "the body is not a CBOR map")
	}
	return input, nil
}

func fromCBOR(value cbor.Value) any {
	switch v := value.(type) {
	case cbor.Map:
		input := make(args, len(v))
		for key, member := range v {
			if converted := fromCBOR(member); converted != nil {
				input[key] = converted
			}
		}
		return input
	case cbor.List:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = fromCBOR(item)
		}
		return items
	case cbor.String:
		return string(v)
	case cbor.Bool:
		return bool(v)
	case cbor.Uint:
		return int64(min(v, math.MaxInt64))
	case cbor.NegInt:
		return -int64(min(v, math.MaxInt64))
	case cbor.Float32:
		return float64(v)
	case cbor.Float64:
		return float64(v)
	case *cbor.Tag:
		if seconds, err := cbor.AsFloat64(v.Value); v.ID == 1 && err == nil {
			return epoch(seconds)
		}
		if seconds, err := cbor.AsInt64(v.Value); v.ID == 1 && err == nil {
			return time.Unix(seconds, 0).UTC()
		}
		return fromCBOR(v.Value)
	}
	return nil
}

func (cborProtocol) answer(header http.Header, _, requestID string, output record) []byte {
	cborHeader(header, requestID)
	return appendCBOR(nil, output)
}

func (cborProtocol) status(code string) int { return statusOf(code) }

func (cborProtocol) failure(header http.Header, requestID string, f *failure) []byte {
	code := jsonCode(f.code)
	cborHeader(header, requestID)
	header.Set("X-Amzn-Query-Error", queryCode(code)+";"+f.sender())
	return appendCBOR(nil, record{{"__type", "com.amazonaws.cloudwatch#" + code}, {"message", f.message}, {"Message", f.message}})
}

func cborHeader(header http.Header, requestID string) {
	header.Set("Content-Type", "application/cbor")
	header.Set("Smithy-Protocol", "rpc-v2-cbor")
	header.Set("X-Amzn-Requestid", requestID)
}

// The major types of CBOR in the upper three bits, and the few whole bytes that answers need (RFC 8949).
const (
	cborUint   = 0 << 5
	cborNegInt = 1 << 5
	cborText   = 3 << 5
	cborList   = 4 << 5
	cborMap    = 5 << 5
	cborEpoch  = 6<<5 | 1
	cborFalse  = 7<<5 | 20
	cborTrue   = 7<<5 | 21
	cborNull   = 7<<5 | 22
	cborDouble = 7<<5 | 27
)

func appendCBOR(b []byte, value any) []byte {
	switch v := value.(type) {
	case record:
		b = appendHead(b, cborMap, uint64(len(v)))
		for _, f := range v {
			b = appendCBORText(b, f.name)
			b = appendCBOR(b, f.value)
		}
		return b
	case []any:
		return appendCBORList(b, v, appendCBOR)
	case []string:
		return appendCBORList(b, v, appendCBORText)
	case []float64:
		return appendCBORList(b, v, appendDouble)
	case []time.Time:
		return appendCBORList(b, v, appendMoment)
	case string:
		return appendCBORText(b, v)
	case bool:
		if v {
			return append(b, cborTrue)
		}
		return append(b, cborFalse)
	case int:
		if v < 0 {
			return appendHead(b, cborNegInt, uint64(-1-v))
		}
		return appendHead(b, cborUint, uint64(v))
	case float64:
		return appendDouble(b, v)
	case time.Time:
		return appendMoment(b, v)
	}
	return append(b, cborNull)
}

func appendCBORList[T any](b []byte, items []T, add func([]byte, T) []byte) []byte {
	b = appendHead(b, cborList, uint64(len(items)))
	for _, item := range items {
		b = add(b, item)
	}
	return b
}

func appendCBORText(b []byte, text string) []byte {
	return append(appendHead(b, cborText, uint64(len(text))), text...)
}

func appendDouble(b []byte, n float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, cborDouble), math.Float64bits(n))
}

func appendMoment(b []byte, t time.Time) []byte {
	return appendDouble(append(b, cborEpoch), float64(t.UnixMilli())/1000)
}

// appendHead writes the type of an item and its length or value in the shortest form.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}
