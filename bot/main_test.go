package bot_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain has each model take five walks a run, the same ones each time. -rapid.checks asks
// for more, -rapid.seed for others; with the seed 0 they are new ones.
func TestMain(m *testing.M) {
	if err := errors.Join(flag.Set("rapid.checks", "5"), flag.Set("rapid.seed", "1")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	flag.Parse() // what is asked for on the command line goes before
	os.Exit(m.Run())
}
