// Package telegram is a client of the Telegram Bot API: it polls updates, turns them into plain
// values, sends typed requests, transfers files, computes rate limits and formats text with
// entities. It is the only package that imports the Bot API library, used for transport and wire
// types.
//
// Guarantees:
//
//   - Every call takes a context and ends: each has a deadline without progress.
//   - Every failed call returns an [*Error] whose [Outcome] distinguishes a request that certainly
//     had no effect from one with an unknown effect. Nothing is retried here; that is for the owner
//     of the outbox to decide.
//   - No error and no log line contains the token.
//   - Answers are limited in size, redirects are not followed, files are streamed.
//   - An update that can't be parsed neither hides nor blocks others.
//
// It keeps no state between calls, apart from an older server's limitations, confirms no update on
// its own, and waits for no limit: [Limits] only computes times.
package telegram
