// Package ticket takes over what was read at Plusofon: it matches posts with the
// submissions that made them, announces news to the chats, and tracks who is waiting for
// an answer.
//
// A post is announced to a chat once, in order; the effect of a submission is not
// announced to its author. What the package reads may be stale, out of order or partial;
// it never drops a known post because of that.
//
// The staff's pictures are sent as photos, several of one post as an album, and every other
// attachment as a document. A picture that Telegram rejects is sent as a document, and an
// attachment that can't be fetched is reported by name with the reason; neither delays the
// others. A reply to any of these messages goes to the ticket. (Albums can't have buttons, so
// this rests on the messages' ids alone: if the program ends before it learns them, the album
// is sent again, and replies to the first copy are asked about.)
package ticket
