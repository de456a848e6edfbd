// Package chat is the ground that every decision stands on: a turn (one transaction and
// the time of the event), who speaks where and whether they may, what the bot says there
// in whose language, its buttons, and the outbox rows that carry all of it.
//
// A turn is made by Config.NewTurn and by nothing else. It uses no network and no clock:
// whatever it wants from Telegram or Plusofon it puts into the outbox, in the same
// transaction as what it changes. The package knows nothing of how tickets, drafts or
// groups live; the rooms above it do.
package chat
