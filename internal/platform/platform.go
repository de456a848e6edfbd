// Package platform makes unsupported builds fail with a clear message. It is imported only
// for that, by the packages that would fail otherwise.
package platform
