// Package access decides who may use the bot: people, groups, invitations and strangers'
// requests. It also sends the owners' alarms.
//
// Access is denied by default. Revoking it takes effect at once: news, bindings and queued
// messages end. The package opens no ticket and answers none.
package access
