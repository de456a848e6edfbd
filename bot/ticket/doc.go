// Package ticket takes over what was read at Plusofon: it matches posts with the
// submissions that made them, tells the chats what is new, and watches who waits.
//
// A post is news to a chat once, in order; one that a submission has made is its effect
// and no news to its author. What the package is given may be old, out of order or
// partial; it never forgets a post for it.
package ticket
