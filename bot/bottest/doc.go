// Package bottest is what the tests of the bot's rooms share.
package bottest
