//go:build !cgo || !(linux || darwin)

package platform

// The compiler shows the string, which can't be an int.
const _ int = "plusofon-bot runs on Linux and macOS (on Windows: in WSL, or as the image) and is built with cgo: install a C compiler, on Debian gcc and libc6-dev, and set CGO_ENABLED=1"
