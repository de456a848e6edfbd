package plusofon

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnlyPublicAddresses(t *testing.T) {
	for _, s := range []string{"8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "2a00:1450:4010::1", "2606:4700::1111", "::ffff:8.8.8.8"} {
		if !isPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is refused", s)
		}
	}
	for _, s := range []string{
		"0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
		"224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "100::1", "2001::1", "2001:db8::1",
		"2002:7f00:1::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "2606:4700::1111%eth0", "fec0::1", "ff02::1", "3fff::1",
	} {
		if isPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is let through", s)
		}
	}
	for _, s := range []string{"", "localhost:80", "8.8.8.8", "[::1]:443"} {
		if err := checkAddress("tcp", s); !errors.Is(err, ErrBlockedAddress) {
			t.Errorf("%q: %v, want blocked", s, err)
		}
	}
}

// The check applies to the resolved address, not the name.
func TestAddressIsCheckedWhenDialling(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only read
	var seen string
	tr := newTransport(time.Minute, func(_, address string) error { seen = address; return ErrBlockedAddress }, nil)
	if _, err := tr.DialContext(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, ErrBlockedAddress) {
		t.Errorf("dialled: %v", err)
	}
	if seen != l.Addr().String() {
		t.Errorf("checked %q, want %q", seen, l.Addr())
	}
}

// A server that stops sending does not block a download forever.
func TestDownloadEndsAfterSilence(t *testing.T) {
	const piece = 2 << 20
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{next: func(r *http.Request) (*http.Response, error) {
			pr, pw := io.Pipe()
			context.AfterFunc(r.Context(), func() { pw.CloseWithError(context.Cause(r.Context())) })
			go func() {
				for range 5 { // in pieces, but not silent
					time.Sleep(20 * time.Second)
					_, _ = pw.Write(make([]byte, piece))
				}
			}()
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: pr, ContentLength: -1}, nil
		}}
		began := time.Now()
		r, _, err := fakeClient(t, api, 60).Download(t.Context(), Attachment{URL: "/files/f"})
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Temporary || !errors.Is(err, errSilence) {
			t.Errorf("error %v, want one of silence", err)
		}
		if took := time.Since(began); len(b) != 5*piece || took != 130*time.Second {
			t.Errorf("%d bytes after %v, want %d after 130s", len(b), took, 5*piece)
		}
		_ = r.Close()
	})
}
