package chat

import (
	"time"

	"plusofon-bot/state"
)

// Signing says whether the author's name is added to what is sent to Plusofon.
type Signing string

// The values of Signing. SignAuto signs once more than one person has sent something through
// the bot.
const (
	SignAuto   Signing = "auto"
	SignAlways Signing = "always"
	SignNever  Signing = "never"
)

// Config is what decisions depend on.
type Config struct {
	Language    string         // of people with an unknown language
	MaxFileSize int64          // bytes; larger files are refused
	Signing     Signing        // whether authors are named
	KeepClosed  time.Duration  // how long the texts of closed tickets are kept; 0: forever
	Location    *time.Location // default zone of the times shown
	Version     string         // of the program
}

// The keys of what the store remembers about the bot's accounts. Whose database it is, state
// records itself: see BotID and Account.
const (
	MetaBotName       = "bot_name"       // the bot's @name, without the @
	MetaReadsGroups   = "reads_groups"   // "on" if privacy mode is off: the bot sees all messages of groups
	MetaPrivateTopics = "private_topics" // "on" if private chats can have topics
	MetaAccountName   = "account_name"
)

// Turn is one decision: its transaction and the time of its event.
type Turn struct {
	*Config
	Tx      *state.Tx
	Now     time.Time
	BotName string // the bot's @name, without the @; "" until known
}

// NewTurn starts a turn.
func (cfg *Config) NewTurn(tx *state.Tx, now time.Time) (*Turn, error) {
	name, err := tx.Meta(MetaBotName)
	return &Turn{Config: cfg, Tx: tx, Now: now, BotName: name}, err
}

// Place is a position in a chat: a topic, or none.
type Place struct {
	Chat   state.ChatID   `json:"chat,omitempty"`
	Thread state.ThreadID `json:"thread,omitempty"`
}

// InChat is a place outside topics.
func InChat(c state.ChatID) Place { return Place{Chat: c} }

// Recently reports whether at is less than d before now. A time in the future (the clock moved
// back) doesn't count.
func Recently(at, now time.Time, d time.Duration) bool {
	return !at.After(now) && now.Sub(at) < d
}
