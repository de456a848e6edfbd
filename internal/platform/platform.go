// Package platform makes a build fail with a plain sentence where the program can't
// run: it is imported for that alone, by the packages that would fail otherwise.
package platform
