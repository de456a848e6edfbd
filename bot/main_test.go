package bot_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets more tests run at once than there are processors: most of them
// wait for the disk now and then. The model of the bridge takes ten walks a run;
// -rapid.checks asks for more.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"test.parallel": "8", "rapid.checks": "10"} {
		if err := flag.Set(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	flag.Parse() // what is asked for on the command line goes before
	os.Exit(m.Run())
}
