// Package foreign runs Bot API clients of other people's against telegramtest,
// so that the server and the bot under test can't share a mistake about the API.
// It is a module of its own: its clients are no dependency of the program.
package foreign
