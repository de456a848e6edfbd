package plusofon

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestFingerprint(t *testing.T) {
	print := func(raw string) string {
		o, err := splitObject([]byte(raw))
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		s, err := fingerprintOf(o)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		return s
	}
	base := print(`{"id":1,"a":{"x":"b","y":[1,2]}}`)
	for _, same := range []string{
		` { "a" : {"y":[ 1,2],"x":"b"}, "id":1 } `, `{"id":1,"a":{"x":"\u0062","y":[1,2]}}`, `{"\u0069d":1,"a":{"x":"b","y":[1,2]}}`,
		`{"id":2,"a":{"x":"b","y":[1,2]},"id":1}`,
	} {
		if print(same) != base {
			t.Errorf("%s changes it", same)
		}
	}
	for _, other := range []string{
		`{"id":1,"a":{"x":"c","y":[1,2]}}`, `{"id":1,"a":{"x":"b","y":[2,1]}}`, `{"id":"1","a":{"x":"b","y":[1,2]}}`, `{"id":1}`, `{}`,
		`{"id":1.0,"a":{"x":"b","y":[1,2]}}`, `{"id":1,"a":{"x":"b","y":[[1],2]}}`,
	} {
		if print(other) == base {
			t.Errorf("%s does not change it", other)
		}
	}
	if print(`{"n":9007199254740993}`) == print(`{"n":9007199254740992}`) {
		t.Error("large numbers are rounded")
	}
	// Fingerprints are stored: with another one, every ticket would look changed.
	if want := "3625ff2ed919b4bb"; print(`{"b":"<т>","a":[null,true,{},1.50]}`) != want {
		t.Errorf("it became %s, want %s", print(`{"b":"<т>","a":[null,true,{},1.50]}`), want)
	}
}

// FuzzCanonical: the canonical form is what encoding/json makes of a value.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{
		`null`, ` [1.0, -0, 1E+2 ] `, `{"b":"<&>\u2028\/","a":"\u0041я\ud83d\ude00\ud800","a":[]}`, "\"\xff\"", `"\u007f\n"`, `{"":{"":[{}]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := appendCanonical(nil, raw); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s becomes %s (%v), want %s", raw, got, err, want)
		}
	})
}
