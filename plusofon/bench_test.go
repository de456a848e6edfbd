package plusofon_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"plusofon-bot/plusofon"
)

// BenchmarkTickets measures reading a list of 10,000 tickets, the work of the
// server included, which answers from memory.
func BenchmarkTickets(b *testing.B) {
	const tickets = 10_000
	for _, changed := range []int{0, 10, tickets} {
		b.Run(fmt.Sprintf("changed=%d", changed), func(b *testing.B) {
			elements := make([][]byte, tickets)
			for i := range elements {
				elements[i] = listedElement(i, 0)
			}
			var list []byte
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Length", fmt.Sprint(len(list)))
				_, _ = w.Write(list)
			}))
			defer srv.Close()
			c, err := plusofon.New(plusofon.Config{BaseURL: srv.URL, Token: token, Rate: 1 << 30})
			if err != nil {
				b.Fatal(err)
			}
			defer c.CloseIdle()
			version := 0
			next := func() {
				version++
				for i := range changed {
					k := (version*changed + i) * 7919 % tickets
					elements[k] = listedElement(k, version)
				}
				list = fmt.Appendf(nil, `{"ticket":[%s]}`, bytes.Join(elements, []byte(",")))
			}
			read := func() {
				if got, err := c.Tickets(b.Context(), true); err != nil || len(got) != tickets {
					b.Fatalf("%d tickets, %v", len(got), err)
				}
			}
			next()
			read()
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				next()
				b.StartTimer()
				read()
			}
			b.SetBytes(int64(len(list)))
		})
	}
}

// listedElement is an element of the older list.
func listedElement(i, version int) []byte {
	id := 20000 + i
	return fmt.Appendf(nil, `{"@attributes":{"id":"%d","flagtype":"4"},"displayid":"%d","departmentid":"5","statusid":"4","priorityid":"2",`+
		`"typeid":"32","userid":"9747","userorganization":"57599","userorganizationid":"25","ownerstaffid":"0","ownerstaffname":[],`+
		`"fullname":"customer@example.com","email":"customer@example.com","lastreplier":"Оператор","subject":"Обращение номер %d",`+
		`"creationtime":"1630069143","lastactivity":"%d","laststaffreply":"1630070164","lastuserreply":"1630069143","slaplanid":"3",`+
		`"nextreplydue":"0","resolutiondue":"1630070401","replies":"%d","ipaddress":"10.10.80.124","creator":"2","creationmode":"4",`+
		`"creationtype":"1","isescalated":"1","escalationruleid":"3","templategroupid":"4","tags":"\u043d\u0435\u0442","templategroupname":"Plusofon"}`,
		id, id, i, 1630070164+version, 1+version)
}
