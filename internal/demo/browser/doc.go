// Package browser tests the demo's page in a real browser, Chromium, as people use it. It
// runs the program itself, `plusofon-bot demo`. It is a separate module, so that the browser
// driver is no dependency of the program.
package browser
