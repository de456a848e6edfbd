package plusofon

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"
)

// A network on one machine: at outside is a server that counts as public here, at nowhere
// there is none, and any other address is what it is, inside.
const (
	outside = "127.0.0.2"
	nowhere = "127.0.0.3"
	inside  = "127.0.0.1"
)

func checkButOutside(network, address string) error {
	if host, _, _ := net.SplitHostPort(address); host == outside || host == nowhere {
		return nil
	}
	return checkAddress(network, address)
}

// A name may resolve to one address when checked and another when dialled, or to several
// at once: no connection is made to one inside.
func TestNamesThatLeadInside(t *testing.T) {
	reached, port := insideServer(t)
	srv := outsideServer(t, port)
	for _, tc := range []struct {
		name    string
		lookups [][]string // what the name resolves to; after the last one, the first again
		path    string
		want    []string // results of successive downloads
	}{
		{"outside", [][]string{{outside}}, "/f", []string{"content", "content"}},
		{"inside from the second lookup on", [][]string{{outside}, {inside}}, "/f", []string{"content", "blocked", "content", "blocked"}},
		{"inside at the first lookup", [][]string{{inside}, {outside}}, "/f", []string{"blocked", "content"}},
		{"inside beside one that does not answer", [][]string{{nowhere, inside}}, "/f", []string{"failed"}},
		{"inside before one outside", [][]string{{inside, outside}}, "/f", []string{"content"}},
		{"inside by IPv6, outside by IPv4", [][]string{{"::1", outside}}, "/f", []string{"content"}},
		{"inside all of them", [][]string{{inside, "10.1.2.3", "169.254.169.254"}}, "/f", []string{"blocked"}},
		{"this machine, by its other names", [][]string{{"0.0.0.0"}, {"::ffff:127.0.0.1"}}, "/f", []string{"blocked", "blocked"}},
		{"a redirect to a name that has changed meanwhile", [][]string{{outside}, {inside}}, "/again", []string{"blocked"}},
		{"a redirect to a name of the inside", [][]string{{outside}, {"10.1.2.3"}}, "/other", []string{"blocked"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			resolveWith(t, tc.lookups)
			c, err := New(Config{BaseURL: "https://api.example", Token: "t0ken", Rate: 10000})
			if err != nil {
				t.Fatal(err)
			}
			foreign := newTransport(time.Minute, checkButOutside, nil)
			foreign.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone() //nolint:errcheck // httptest's own
			c.foreign = foreign
			var got []string
			for range tc.want {
				got = append(got, downloaded(t, c, "https://example.com:"+port+tc.path))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the inside was reached %d times", n)
	}
}

func downloaded(t *testing.T, c *Client, link string) string {
	t.Helper()
	r, _, err := c.Download(t.Context(), Attachment{URL: link})
	switch e, known := errors.AsType[*Error](err); {
	case err == nil:
	case errors.Is(err, ErrBlockedAddress):
		return "blocked"
	case known && e.Kind == Temporary:
		return "failed"
	default:
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// insideServer counts the connections to a port of this machine, by any name.
func insideServer(t *testing.T) (reached *atomic.Int32, port string) {
	t.Helper()
	reached = new(atomic.Int32)
	listen := func(address string) (net.Listener, error) {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, err
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				reached.Add(1)
				_ = conn.Close()
			}
		}()
		t.Cleanup(func() { _ = l.Close(); <-done })
		return l, nil
	}
	l, err := listen(inside + ":0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(l.Addr().String())
	if _, err := listen("[::1]:" + port); err != nil {
		t.Logf("nothing listens on ::1: %v", err)
	}
	return reached, port
}

// outsideServer has a certificate for example.com.
func outsideServer(t *testing.T, port string) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/again":
			http.Redirect(w, r, "/f", http.StatusFound)
		case "/other":
			http.Redirect(w, r, "https://files.example.com:"+port+"/f", http.StatusFound)
		default:
			_, _ = io.WriteString(w, "content")
		}
	}))
	_ = srv.Listener.Close() // another one takes its place
	l, err := net.Listen("tcp", net.JoinHostPort(outside, port))
	// macOS has no second address by default; where everything must be checked
	// one is required.
	if errors.Is(err, syscall.EADDRNOTAVAIL) && os.Getenv("CI") == "" {
		t.Skipf("this machine has no second address of its own: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	srv.Listener = l
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

// resolveWith makes this process use a name server that answers each lookup with the next
// of the lists.
func resolveWith(t *testing.T, lookups [][]string) {
	t.Helper()
	server, err := net.ListenPacket("udp", inside+":0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		answerNames(t, server, lookups)
	}()
	usual := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = usual
		_ = server.Close()
		<-done
	})
}

// answerNames serves until its connection is closed. A lookup is one question for each of
// the two kinds of addresses.
func answerNames(t *testing.T, server net.PacketConn, lookups [][]string) {
	asked := map[dnsmessage.Type]int{}
	packet := make([]byte, 1500)
	for {
		n, from, err := server.ReadFrom(packet)
		if err != nil {
			return
		}
		var query dnsmessage.Message
		if err := query.Unpack(packet[:n]); err != nil || len(query.Questions) != 1 {
			t.Errorf("a query of %d questions: %v", len(query.Questions), err)
			continue
		}
		q := query.Questions[0]
		answer := dnsmessage.Message{
			Header:    dnsmessage.Header{ID: query.ID, Response: true, RecursionDesired: true, RecursionAvailable: true},
			Questions: query.Questions,
		}
		for _, s := range lookups[asked[q.Type]%len(lookups)] {
			var body dnsmessage.ResourceBody
			switch a := netip.MustParseAddr(s); {
			case a.Is4() && q.Type == dnsmessage.TypeA:
				body = &dnsmessage.AResource{A: a.As4()}
			case a.Is6() && q.Type == dnsmessage.TypeAAAA:
				body = &dnsmessage.AAAAResource{AAAA: a.As16()}
			default:
				continue
			}
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET}, Body: body,
			})
		}
		asked[q.Type]++
		packed, err := answer.Pack()
		if err != nil {
			t.Errorf("pack an answer: %v", err)
			continue
		}
		_, _ = server.WriteTo(packed, from)
	}
}
