package chat

import (
	"time"

	"plusofon-bot/state"
)

// Signing says whether the author's name is added to what goes to Plusofon.
type Signing string

// The ways of signing. SignAuto signs once more than one person has sent
// something through the bot.
const (
	SignAuto   Signing = "auto"
	SignAlways Signing = "always"
	SignNever  Signing = "never"
)

// Config is what the conversation depends on.
type Config struct {
	Language    string         // of people whose language is not known
	MaxFileSize int64          // bytes; larger files are refused
	Signing     Signing        //
	KeepClosed  time.Duration  // how long the words of closed tickets are kept; 0: for ever
	Location    *time.Location // the zone of the times shown
	Version     string         // of the program
}

// The keys of what the store remembers about the program's two accounts.
const (
	MetaBotName       = "bot_name" // the bot's @name, without the @
	MetaBotID         = "bot_id"
	MetaReadsGroups   = "reads_groups"   // "on" without privacy mode: the bot sees all messages of groups
	MetaPrivateTopics = "private_topics" // "on" where private chats can have topics
	MetaAccountEmail  = "account_email"  // the Plusofon account's own e-mail
	MetaAccountName   = "account_name"
)

// Turn is one decision: the transaction that it is made in and the event's time.
type Turn struct {
	*Config
	Tx      *state.Tx
	Now     time.Time
	BotName string // the bot's @name, without the @; "" until Telegram has told it
}

// NewTurn begins a decision.
func (cfg *Config) NewTurn(tx *state.Tx, now time.Time) (*Turn, error) {
	name, err := tx.Meta(MetaBotName)
	return &Turn{Config: cfg, Tx: tx, Now: now, BotName: name}, err
}

// Place is where in a chat something stands: in a topic, or in none.
type Place struct {
	Chat   state.ChatID   `json:"chat,omitempty"`
	Thread state.ThreadID `json:"thread,omitempty"`
}

// InChat is a place outside all topics.
func InChat(c state.ChatID) Place { return Place{Chat: c} }

// Recently tells whether at lies less than d before now. A time in the future
// (the clock was set back) does not count.
func Recently(at, now time.Time, d time.Duration) bool {
	return !at.After(now) && now.Sub(at) < d
}
