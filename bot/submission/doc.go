// Package submission carries people's messages to Plusofon: messages become content,
// gather in drafts, also while their author is asked where they go, and are submitted
// once. A reaction and a receipt show a submission's progress until its outcome is known.
//
// A message is submitted at most once, however often its update or button press arrives.
// What has certainly not been sent can still be changed. An unknown outcome is never
// guessed here: the loops read it back and package ticket matches it.
package submission
