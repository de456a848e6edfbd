// Package reading shows what is known: lists, histories, search, exported files, status,
// statistics and the settings of a chat.
//
// It changes only a chat's settings and bindings, which tickets are resolved, what was searched
// for, and what is known of the account. It shows the store's copy, with its age while Plusofon
// does not answer.
package reading
