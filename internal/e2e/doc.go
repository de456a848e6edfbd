// Package e2e has the tests of the program as a process: they build it as for use and run
// it between stand-ins for Telegram and Plusofon, kill it, read everything it writes, and
// measure it. They know only what an operator knows: commands, variables, exit codes and
// addresses.
//
// go test ./internal/e2e takes well under a minute. If the tests run with the race detector
// or with build tags, so does the program. With flags they do more:
//
//	-crashes 5000    how often TestCrashes kills the program in all
//	-crash-seed 1    what TestCrashes does at random; a failure prints its seed
//
// The figures of CONTRIBUTING.md are benchmarks:
//
//	go test -run '^$' -bench 'Idle|Attachments|Start' -benchtime 3x ./internal/e2e
package e2e
