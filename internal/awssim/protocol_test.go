package awssim

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// The bytes that are written directly are those that Smithy's codec reads as the same values.
func TestCBOR_isWhatTheCodecReads(t *testing.T) {
	long := make([]float64, 70_000)
	at := time.UnixMilli(1_700_000_000_500).UTC()
	for name, test := range map[string]struct {
		value any
		want  cbor.Value
	}{
		"text":       {"größer", cbor.String("größer")},
		"bool":       {true, cbor.Bool(true)},
		"false":      {false, cbor.Bool(false)},
		"small":      {23, cbor.Uint(23)},
		"byte":       {24, cbor.Uint(24)},
		"two bytes":  {256, cbor.Uint(256)},
		"four bytes": {65_536, cbor.Uint(65_536)},
		"eight":      {1 << 33, cbor.Uint(1 << 33)},
		"negative":   {-100, cbor.NegInt(100)},
		"float":      {1.5, cbor.Float64(1.5)},
		"infinity":   {math.Inf(1), cbor.Float64(math.Inf(1))},
		"time":       {at, &cbor.Tag{ID: 1, Value: cbor.Float64(1_700_000_000.5)}},
		"record":     {record{{"a", 1}, {"b", record(nil)}}, cbor.Map{"a": cbor.Uint(1), "b": cbor.Map{}}},
		"list":       {[]any{"a", 1}, cbor.List{cbor.String("a"), cbor.Uint(1)}},
		"texts":      {[]string{"a", "b"}, cbor.List{cbor.String("a"), cbor.String("b")}},
		"times":      {[]time.Time{at}, cbor.List{&cbor.Tag{ID: 1, Value: cbor.Float64(1_700_000_000.5)}}},
	} {
		got, err := cbor.Decode(appendCBOR(nil, test.value))
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %#v, %v", name, got, err)
		}
	}
	if got, err := cbor.Decode(appendCBOR(nil, long)); err != nil || len(got.(cbor.List)) != len(long) {
		t.Errorf("a long list: %v", err)
	}
}

func TestJSON_writesWhatJSONHasNoWordFor(t *testing.T) {
	got := string(appendJSON(nil, record{
		{"text", "a\"\\\n<é>"},
		{"nan", math.NaN()},
		{"inf", math.Inf(-1)},
		{"time", time.UnixMilli(1_700_000_000_500)},
		{"big", 1e21},
		{"flags", []any{true, false}},
		{"none", []string{}},
		{"n", -3},
		{"values", []float64{1, .5}},
	}))
	want := `{"text":"a\"\\\n\u003cé\u003e","nan":"NaN","inf":"-Infinity","time":1700000000.5,"big":1e+21,` +
		`"flags":[true,false],"none":[],"n":-3,"values":[1,0.5]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestQuery_ordersListsByTheirNumbers(t *testing.T) {
	got, err := queryProtocol{}.decode([]byte("Action=A&L.member.10=j&L.member.2=b&L.member.1=a&S.Deep.Leaf=x&" +
		"M.member.1.Id=q&M.member.1.D.member.1.Name=n&Empty="))
	want := args{
		"Action": "A", "L": []any{"a", "b", "j"}, "S": args{"Deep": args{"Leaf": "x"}}, "Empty": "",
		"M": []any{args{"Id": "q", "D": []any{args{"Name": "n"}}}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

// Whatever comes in, the protocols answer with an error at worst.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"a":[1,{"b":null}]}`, "A.member.1=x&A.member=y&A=z", "member.0", "\xa1\x61a\xc1\xfb\x00", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, p := range []protocol{json11, cborProtocol{}, stsQuery} {
			in, err := p.decode(body)
			if err == nil && in == nil {
				t.Errorf("%T: neither input nor error", p)
			}
			for name := range in {
				in.text(name)
				in.number(name)
				in.at(name)
				in.items(name)
				in.texts(name)
				in.sub(name)
			}
		}
	})
}
