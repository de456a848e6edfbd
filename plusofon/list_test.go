package plusofon

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readList parses a list and counts what is left out.
func readList(body string, open bool) (list []ListedTicket, leftOut int, err error) {
	l := newListReader(strings.NewReader(body), open, msk, &memory{}, func(t ListedTicket, err error) bool {
		if err == nil {
			list = append(list, t)
		}
		return true
	})
	err = l.read()
	return list, l.leftOut, err
}

// Whatever was read before, a list reads as if it were the first, and only the last one is
// cached.
func TestListAfterList(t *testing.T) {
	m := &memory{}
	for _, body := range []string{
		`[{"id":1,"replies":1},{"id":2,"replies":1},{"id":3,"replies":1}]`,
		`[{"id":1,"replies":1},{"id":2,"replies":2},{"id":3,"replies":1}]`,
		`[{"id":4,"replies":0},{"id":1,"replies":1},{"id":3,"replies":1}]`,
		`{"ticket":[{"id":3,"replies":1},{"subject":"no id"},{"id":1,"replies":1}]}`,
		`{"data":{"id":1,"replies":1}}`, `[]`, `[{"id":2,"replies":1}]`,
	} {
		var got []ListedTicket
		l := newListReader(strings.NewReader(body), true, msk, m, func(t ListedTicket, err error) bool {
			if err == nil {
				got = append(got, t)
			}
			return true
		})
		if err := l.read(); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		want, _, err := readList(body, true)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
		if len(m.last) != len(want) {
			t.Errorf("%s: %d elements are remembered, want %d", body, len(m.last), len(want))
		}
	}
}

// An element that can't be parsed is left out and counted, and the others follow.
func TestElementLeftOut(t *testing.T) {
	deep := strings.Repeat("[", maxNesting+1) + strings.Repeat("]", maxNesting+1)
	for name, element := range map[string]string{
		"no id": `{"subject":"s"}`, "null": `null`, "a number": `7`, "a list": `[{"id":9}]`, "an id of zero": `{"id":0,"displayid":"0"}`,
		"an id beyond what numbers hold": `{"id":9007199254740993}`, "an id beyond 64 bits": `{"id":"99999999999999999999"}`,
		"a negative id": `{"id":-4}`, "an id that is none": `{"id":"x"}`,
		"too large": `{"id":9,"x":"` + strings.Repeat("x", maxElement) + `"}`, "too deep": `{"id":9,"x":` + deep + `}`,
	} {
		for _, body := range []string{`[{"id":1},%,{"id":2}]`, `{"ticket":[{"id":1},%,{"id":2}]}`, `{"0":{"id":1},"1":%,"2":{"id":2}}`} {
			list, leftOut, err := readList(replaceFirst(body, element), true)
			if err != nil || leftOut != 1 || len(list) != 2 || list[0].ID != 1 || list[1].ID != 2 {
				t.Errorf("%s: %+v, %d left out, %v", name, list, leftOut, err)
			}
		}
		if list, _, err := readList("["+element+"]", true); err == nil {
			t.Errorf("%s alone: %v, want an error", name, list)
		}
	}
}

// The client reports what is left out, by its type, and continues.
func TestClientTellsOfLeftOutElements(t *testing.T) {
	c := fakeClient(t, &fakeAPI{next: func(*http.Request) (*http.Response, error) {
		return response(200, `[{"id":1},{"subject":"no id"},{"id":2}]`, nil), nil
	}}, 600)
	list, leftOut, err := c.MostTickets(t.Context(), true)
	if err != nil || leftOut != 1 || len(list) != 2 {
		t.Errorf("%+v, %d left out, %v", list, leftOut, err)
	}
}

// A consumer that stops early ends the list without an error.
func TestListIsLeft(t *testing.T) {
	api := &fakeAPI{next: func(*http.Request) (*http.Response, error) { return response(200, `[{"id":1},{"id":2}]`, nil), nil }}
	c := fakeClient(t, api, 600)
	n := 0
	for _, err := range c.Tickets(t.Context(), true) {
		if err != nil {
			t.Error(err)
		}
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d elements", n)
	}
}

// A failure reported beside the list is noticed.
func TestListThatComplains(t *testing.T) {
	for body, want := range map[string]Kind{
		`{"data":[],"success":false,"message":"Недостаточно прав"}`: Access,
		`{"message":"Нет","code":400}`:                              Refused,
		`{"success":false}`:                                         Refused,
	} {
		c := fakeClient(t, &fakeAPI{next: func(*http.Request) (*http.Response, error) { return response(200, body, nil), nil }}, 600)
		_, err := c.AllTickets(t.Context(), true)
		if kind := kindOfError(err); kind != want {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
	}
}

// The same element means different things in the two lists.
func TestOpenAndClosedLists(t *testing.T) {
	c := fakeClient(t, &fakeAPI{next: func(*http.Request) (*http.Response, error) {
		return response(200, `[{"id":1}]`, nil), nil
	}}, 600)
	for _, open := range []bool{true, false} {
		list, err := c.AllTickets(t.Context(), open)
		if err != nil || len(list) != 1 || list[0].Open != open {
			t.Errorf("open %v: %+v, %v", open, list, err)
		}
	}
}

// Elements are yielded while the list is read: memory does not grow with it.
func TestListTakesLittleMemory(t *testing.T) {
	const tickets, allowed = 100_000, 20 << 20
	element := `{"@attributes":{"id":"22525"},"displayid":"22525","subject":"Обращение","replies":"1","x":"` + strings.Repeat("x", 800) + `"}`
	body := &repeating{head: `{"ticket":[` + element, part: "," + element, times: tickets - 1, tail: `]}`}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, peak := 0, uint64(0)
	l := newListReader(body, true, msk, &memory{}, func(ListedTicket, error) bool {
		if n++; n%1000 == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapInuse)
		}
		return true
	})
	if err := l.read(); err != nil || n != tickets {
		t.Fatalf("%d tickets, %v", n, err)
	}
	if peak > before.HeapInuse+allowed {
		t.Errorf("%d MiB above idle", (peak-before.HeapInuse)>>20)
	}
}

// Deep nesting is left out, or rejected, before it is decoded: each decoded level scans all
// levels below.
func TestNestingIsNotDecoded(t *testing.T) {
	const bytes = 1 << 20
	for name, deep := range map[string]string{
		"arrays":         strings.Repeat("[", bytes/2) + strings.Repeat("]", bytes/2),
		"objects":        strings.Repeat(`{"a":`, bytes/6) + "1" + strings.Repeat("}", bytes/6),
		"lists in lists": strings.Repeat(`{"data":`, bytes/9) + "[]" + strings.Repeat("}", bytes/9),
		"numbers":        strings.Repeat(`{"0":`, bytes/6) + "1" + strings.Repeat("}", bytes/6),
		"opened only":    strings.Repeat("[", bytes),
		"a little":       strings.Repeat("[", maxNesting+1) + strings.Repeat("]", maxNesting+1),
	} {
		if isShallow([]byte(deep)) {
			t.Errorf("%s: it is taken for shallow", name)
		}
		c := fakeClient(t, &fakeAPI{next: func(*http.Request) (*http.Response, error) {
			return response(200, `{"id":1,"posts":`+deep+`}`, nil), nil
		}}, 600)
		if _, err := c.Ticket(t.Context(), 1); !errors.Is(err, errTooLarge) {
			t.Errorf("%s: a ticket of it: %v", name, err)
		}
		if list, _, err := readList(deep, true); err == nil {
			t.Errorf("%s: a list of it: %v", name, list)
		}
		if name == "opened only" {
			continue
		}
		if list, leftOut, err := readList(`[{"id":1,"x":`+deep+`},{"id":2}]`, true); err != nil || leftOut != 1 || len(list) != 1 {
			t.Errorf("%s: an element of it: %v, %d left out, %v", name, list, leftOut, err)
		}
	}
	flat := `{"a":[` + strings.Repeat(`{"b":"]}["},`, 100) + `1]}`
	if deepest := strings.Repeat("[", maxNesting) + strings.Repeat("]", maxNesting); !isShallow([]byte(flat)) || !isShallow([]byte(deepest)) {
		t.Error("what is allowed is taken for deep")
	}
}

// BenchmarkNesting measures 4 MB of nesting.
func BenchmarkNesting(b *testing.B) {
	body := []byte(`{"id":1,"posts":` + strings.Repeat("[", 2<<20) + strings.Repeat("]", 2<<20) + `}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if isShallow(body) {
			b.Fatal("it is taken for shallow")
		}
		if _, _, err := readList(string(body), true); err == nil {
			b.Fatal("it is a list")
		}
	}
}

// repeating is a long text that is never held whole.
type repeating struct {
	head, part, tail string
	times            int
	rest             string
}

func (r *repeating) Read(p []byte) (int, error) {
	for r.rest == "" {
		switch {
		case r.head != "":
			r.rest, r.head = r.head, ""
		case r.times > 0:
			r.rest, r.times = r.part, r.times-1
		case r.tail != "":
			r.rest, r.tail = r.tail, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func kindOfError(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}
