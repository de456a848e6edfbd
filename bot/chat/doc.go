// Package chat is the foundation of every decision: a Turn (one transaction and the time of
// its event), who speaks where and whether they are authorized, what the bot says in which
// language, its buttons, and the outbox rows that carry all of it.
//
// A Turn is made by Config.NewTurn only. It uses no network and no clock: requests to
// Telegram or Plusofon are put into the outbox, in the transaction of the changes they belong
// to. The package knows nothing of the logic of tickets, drafts or groups, which is in the
// packages above it.
package chat
