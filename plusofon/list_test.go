package plusofon

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// remembers says whether the decoder holds what it made of each element.
func remembers(d *listDecoder, list []ListedTicket) bool {
	var held []TicketID
	for _, t := range d.last {
		held = append(held, t.ID)
	}
	var want []TicketID
	for _, t := range list {
		want = append(want, t.ID)
	}
	slices.Sort(held)
	slices.Sort(want)
	return slices.Equal(held, want)
}

// Whatever was read before, a list reads as if it were the first.
func TestListAfterList(t *testing.T) {
	d := &listDecoder{open: true, loc: msk}
	for _, tc := range []struct{ name, body string }{
		{"the first", `[{"id":1,"replies":1},{"id":2,"replies":1},{"id":3,"replies":1}]`},
		{"the same", `[{"id":1,"replies":1},{"id":2,"replies":1},{"id":3,"replies":1}]`},
		{"one has changed", `[{"id":1,"replies":1},{"id":2,"replies":2},{"id":3,"replies":1}]`},
		{"one is new, in front", `[{"id":4,"replies":0},{"id":1,"replies":1},{"id":2,"replies":2},{"id":3,"replies":1}]`},
		{"one has left", `[{"id":4,"replies":0},{"id":1,"replies":1},{"id":3,"replies":1}]`},
		{"in another order", `[{"id":3,"replies":1},{"id":1,"replies":1},{"id":4,"replies":0}]`},
		{"in another envelope", `{"ticket":[{"id":3,"replies":1},{"id":1,"replies":1}]}`},
		{"one alone", `{"data":{"id":1,"replies":1}}`},
		{"changed and back", `[{"id":2,"replies":1}]`},
		{"none", `[]`},
	} {
		got, err := d.decode([]byte(tc.body))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		want, err := decodeList([]byte(tc.body), true)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
		if !remembers(d, got) {
			t.Errorf("%s: it remembers something else than the last list", tc.name)
		}
	}
}

func TestUnchangedElementIsNotDecodedAgain(t *testing.T) {
	d := &listDecoder{open: true, loc: msk}
	read := func(body string) map[TicketID]*ListedTicket {
		if _, err := d.decode([]byte(body)); err != nil {
			t.Fatal(err)
		}
		byID := make(map[TicketID]*ListedTicket)
		for _, l := range d.last {
			byID[l.ID] = l
		}
		return byID
	}
	before := read(`[{"id":1},{"id":2,"subject":"a"}]`)
	after := read(`[{"id":2,"subject":"b"},{"id":1}]`)
	if after[1] != before[1] {
		t.Error("the unchanged one was decoded again")
	}
	if after[2] == before[2] || after[2].Subject != "b" {
		t.Errorf("the changed one is %+v", after[2])
	}
}

// A list with an element that can't be read is an error every time, although
// the others are known, and what is known stays.
func TestBadElementAmongKnownOnes(t *testing.T) {
	d := &listDecoder{open: true, loc: msk}
	good, err := d.decode([]byte(`[{"id":1},{"id":2}]`))
	if err != nil {
		t.Fatal(err)
	}
	for _, element := range []string{`{"id":3,"x":tru}`, `{"subject":"no id"}`, `null`, `{"id":3}}`} {
		for range 2 {
			if list, err := d.decode([]byte(`[{"id":1},` + element + `,{"id":2}]`)); err == nil {
				t.Errorf("%s: got %v, want an error", element, list)
			}
		}
	}
	if !remembers(d, good) {
		t.Error("the last good list is forgotten")
	}
}

// What a caller does to his list is not seen by the next one.
func TestListsAreIndependent(t *testing.T) {
	d := &listDecoder{open: true, loc: msk}
	body := []byte(`[{"id":1,"subject":"s"}]`)
	first, err := d.decode(body)
	if err != nil {
		t.Fatal(err)
	}
	first[0].Subject = "changed by the caller"
	copy(body, strings.Repeat(" ", len(body))) // nor is the body held on to
	second, err := d.decode([]byte(`[{"id":1,"subject":"s"}]`))
	if err != nil || second[0].Subject != "s" {
		t.Errorf("%+v, %v", second, err)
	}
}

// The same element means another thing in the other list.
func TestOpenAndClosedAreRememberedApart(t *testing.T) {
	c := fakeClient(t, &fakeAPI{next: func(*http.Request) (*http.Response, error) {
		return response(200, `[{"id":1}]`, nil), nil
	}}, 600)
	for range 2 {
		for _, open := range []bool{true, false} {
			list, err := c.Tickets(t.Context(), open)
			if err != nil || len(list) != 1 || list[0].Open != open {
				t.Errorf("open %v: %+v, %v", open, list, err)
			}
		}
	}
}

func TestListsSideBySide(t *testing.T) {
	d := &listDecoder{open: true, loc: msk}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, body := range []string{`[{"id":1},{"id":2}]`, `[{"id":2}]`, `[{"id":1},{"id":3}]`} {
				if _, err := d.decode([]byte(body)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
