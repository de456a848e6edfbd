package bot_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain makes each model take five fixed walks per run. -rapid.checks sets their number,
// -rapid.seed different ones; seed 0 means new ones each time.
func TestMain(m *testing.M) {
	if err := errors.Join(flag.Set("rapid.checks", "5"), flag.Set("rapid.seed", "1")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	flag.Parse() // the command line takes precedence
	os.Exit(m.Run())
}
