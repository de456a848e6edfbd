package plusofon

import (
	"context"
	"fmt"
	"net/netip"
	"syscall"
)

// dialControl checks the resolved address right before connecting, so that a
// second DNS answer can't slip past the check (DNS rebinding).
func dialControl(check func(network, address string) error) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		return check(network, address)
	}
}

// checkAddress allows only public addresses.
func checkAddress(_, address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !isPublic(ap.Addr()) {
		return fmt.Errorf("%w: not a public address", ErrBlockedAddress)
	}
	return nil
}

// notPublic4 lists the IPv4 blocks of the IANA special-purpose registry.
var notPublic4 = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
)

var (
	// public6 is all allocated IPv6 space; addresses that embed an IPv4 address
	// are outside it or in notPublic6.
	public6    = netip.MustParsePrefix("2000::/3")
	notPublic6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

func isPublic(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is4() {
		return !contained(a, notPublic4)
	}
	return public6.Contains(a) && !contained(a, notPublic6)
}

func contained(a netip.Addr, in []netip.Prefix) bool {
	for _, p := range in {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func prefixes(s ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(s))
	for i, v := range s {
		list[i] = netip.MustParsePrefix(v)
	}
	return list
}
