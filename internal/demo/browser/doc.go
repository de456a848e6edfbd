// Package browser opens the demo's page in a real browser, Chromium, and uses it
// as people do. It runs the program itself, so that what is proven is what
// `plusofon-bot demo` shows. It is a module of its own: what drives the browser
// is no dependency of the program.
package browser
