// Package reading shows what is known: lists, histories, search, the exported file,
// the state of things and the settings of a chat.
//
// It changes nothing but settings and the binding of a chat to a ticket. What it shows
// is the store's copy, with its age while Plusofon does not answer.
package reading
