//go:build !cgo || !(linux || darwin)

package platform

// The compiler shows the sentence: a string is no number.
const _ int = "plusofon-bot runs on Linux and macOS (on Windows: in WSL, or as the image) and is built with cgo: install a C compiler, on Debian gcc and libc6-dev, and set CGO_ENABLED=1"
