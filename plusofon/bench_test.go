package plusofon_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"plusofon-bot/plusofon"
)

// BenchmarkTickets measures reading lists, including the work of the server, which writes
// them an element at a time, and the growth of the heap.
func BenchmarkTickets(b *testing.B) {
	for _, tickets := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(tickets), func(b *testing.B) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(w, `{"ticket":[`)
				for i := range tickets {
					if i > 0 {
						_, _ = io.WriteString(w, ",")
					}
					_, _ = w.Write(listedElement(i, 0))
				}
				_, _ = io.WriteString(w, `]}`)
			}))
			defer srv.Close()
			c, err := plusofon.New(plusofon.Config{BaseURL: srv.URL, Token: token, Rate: 1 << 30})
			if err != nil {
				b.Fatal(err)
			}
			defer c.CloseIdle()
			runtime.GC()
			idle, peak := heap(), uint64(0)
			b.ReportAllocs()
			b.SetBytes(int64(tickets * len(listedElement(0, 0))))
			for b.Loop() {
				n := 0
				for _, err := range c.Tickets(b.Context(), true) {
					if err != nil {
						b.Fatal(err)
					}
					if n++; n%1000 == 0 {
						peak = max(peak, heap())
					}
				}
				if n != tickets {
					b.Fatalf("%d tickets", n)
				}
			}
			b.ReportMetric(float64(max(peak, idle)-idle)/(1<<20), "MiB-above-idle")
		})
	}
}

// heap returns the size of the heap.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
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
