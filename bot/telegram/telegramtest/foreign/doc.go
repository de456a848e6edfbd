// Package foreign runs third-party Bot API clients against telegramtest, so that the server
// and the bot under test can't share a misunderstanding of the API. It is a separate
// module, so that these clients are not dependencies of the program.
package foreign
