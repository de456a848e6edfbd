package bot_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain has each model take five walks a run; -rapid.checks asks for more.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "5"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	flag.Parse() // what is asked for on the command line goes before
	os.Exit(m.Run())
}
