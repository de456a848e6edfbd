// Package reading shows what is known: lists, histories, search, exported files, status,
// statistics and the settings of a chat.
//
// It changes only settings and bindings of a chat, and settled tickets. It shows the store's copy,
// with its age while Plusofon does not answer.
package reading
