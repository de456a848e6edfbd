// Package access decides who may use the bot: people, groups, invitations, strangers at
// the door, and the alarms that owners get.
//
// Deny is the default. What it takes away ends at once: pushes, bindings, and what waits
// to be sent. It opens no ticket and answers none.
package access
