// Package telegram is the edge to the Telegram Bot API: it polls updates,
// turns them into plain values, sends typed requests, moves files, keeps the
// rate limits and shapes text with entities. It is the only package that
// imports the Bot API library, which serves as the transport and for the wire
// types.
//
// What it promises:
//
//   - Every call takes a context and ends: each has a deadline without progress.
//   - Every failed call is an [*Error] whose [Outcome] tells a request that
//     certainly had no effect from one whose effect nobody knows. Nothing is
//     repeated here; whoever keeps the outbox decides that.
//   - The token stands in no error and in no log line.
//   - Answers are limited in size, redirects are not followed, files stream.
//   - One update that can't be read neither hides nor stalls the others.
//
// What it does not: it keeps no state between calls, confirms no update on its
// own, and waits for no limit; [Limits] only says when.
package telegram
