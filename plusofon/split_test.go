package plusofon

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitArray(t *testing.T) {
	for _, tc := range []struct {
		name, raw string
		want      []string
	}{
		{"nothing", `[]`, nil},
		{"nothing in white space", " \t\r\n[ \n] \n", nil},
		{"scalars", `[1,"a",null,true,-0.5e+3]`, []string{`1`, `"a"`, `null`, `true`, `-0.5e+3`}},
		{"white space belongs to no element", "[ 1 ,\n{ \"a\" : [ ] }\t, 2\r]", []string{`1`, `{ "a" : [ ] }`, `2`}},
		{"containers in containers", `[[1,[2,{}]],{"a":[3,4],"b":{"c":5}}]`, []string{`[1,[2,{}]]`, `{"a":[3,4],"b":{"c":5}}`}},
		{"strings hide what they hold", `["a,b]","}{[",{"],":"\"]"}]`, []string{`"a,b]"`, `"}{["`, `{"],":"\"]"}`}},
		{"escaped quotes and slashes", `["\"","\\","\\\"","a\\"]`, []string{`"\""`, `"\\"`, `"\\\""`, `"a\\"`}},
		{"an element is not looked into", `[{],tru,1 2]`, []string{`{]`, `tru`, `1 2`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, err := splitArray([]byte(tc.raw))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range list {
				got = append(got, string(v))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSplitObject(t *testing.T) {
	for _, tc := range []struct {
		name, raw string
		want      map[string]string
	}{
		{"nothing", ` { } `, map[string]string{}},
		{"values", `{"a":1,"b" : [ 2, 3 ] , "c":{"d":"}"}}`, map[string]string{"a": `1`, "b": `[ 2, 3 ]`, "c": `{"d":"}"}`}},
		{"the last of a key stays", `{"a":1,"a":2}`, map[string]string{"a": `2`}},
		{"keys are decoded", `{"\u0063ode":1,"ключ":2,"\"":3,"":4}`, map[string]string{"code": `1`, "ключ": `2`, `"`: `3`, "": `4`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o, err := splitObject([]byte(tc.raw))
			if err != nil {
				t.Fatal(err)
			}
			got := make(map[string]string)
			for k, v := range o {
				got[k] = string(v)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSplitRefuses(t *testing.T) {
	for _, raw := range []string{
		``, ` `, `1`, `"[]"`, `[`, `]`, `[]]`, `[][]`, `[] x`, `[,]`, `[1,]`, `[,1]`, `[1,,2]`, `[1}`, `["]`, `["\"]`, `[[1]`, "\u00a0[]",
		`{`, `{}}`, `{} {}`, `{1}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1]`, `{a:1}`, `{"a":1 "b":2,}`, `{"\x":1}`, "{\"\n\":1}",
		`{"a":tru,"a":1}`, `{"a":1,"b`, `{"a`, `{"`,
	} {
		if list, err := splitArray([]byte(raw)); err == nil {
			t.Errorf("%s is split into %s", raw, list)
		}
		if o, err := splitObject([]byte(raw)); err == nil {
			t.Errorf("%s is split into %s", raw, o)
		}
	}
}

// Parts are slices of the whole, and appending to one does not overwrite the next.
func TestSplitDoesNotCopy(t *testing.T) {
	raw := []byte(`[1,2]`)
	list, err := splitArray(raw)
	if err != nil {
		t.Fatal(err)
	}
	if &list[1][0] != &raw[3] {
		t.Error("an element was copied")
	}
	_ = append(list[0], "xxx"...)
	if string(raw) != `[1,2]` {
		t.Errorf("the whole became %s", raw)
	}
}

// FuzzSplit compares the splitter with encoding/json: valid input has the same parts;
// invalid input gives an error or a part that encoding/json rejects.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		`[]`, `{}`, ` [ 1 , "a\"]" , {"a":[2]} ] `, `{"a":1,"a":{"\u0061":"\\"}}`, `[1,]`, `{"a":tru,"a":1}`, `[{]}]`, "[\"\xff\"]", `{"<\u2028>":1}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := splitArray(raw)
		checkParts(t, raw, list, err, func() (want []json.RawMessage) {
			_ = json.Unmarshal(raw, &want)
			return want
		})
		o, err := splitObject(raw)
		parts := make([]json.RawMessage, 0, len(o))
		for _, v := range o {
			parts = append(parts, v)
		}
		var want object
		checkParts(t, raw, parts, err, nil)
		if err == nil && json.Unmarshal(raw, &want) == nil {
			if diff := cmp.Diff(want, o); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func checkParts(t *testing.T, raw []byte, parts []json.RawMessage, err error, want func() []json.RawMessage) {
	t.Helper()
	opening := byte('{')
	if want != nil {
		opening = '['
	}
	valid := json.Valid(raw) && bytes.TrimLeft(raw, " \t\r\n")[0] == opening
	switch {
	case err != nil && valid:
		t.Fatalf("%q is refused: %v", raw, err)
	case err != nil || valid && want == nil:
	case valid:
		if got, want := joined(parts), joined(want()); got != want {
			t.Fatalf("%q is split into %s, want %s", raw, got, want)
		}
	default:
		for _, p := range parts {
			if !json.Valid(p) {
				return
			}
		}
		t.Fatalf("%q is not valid, and yet its parts %s are", raw, parts)
	}
}

func joined(parts []json.RawMessage) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = string(p)
	}
	return strings.Join(list, "\n—\n")
}
