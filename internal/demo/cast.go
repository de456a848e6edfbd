package demo

import (
	"context"
	"errors"
	"sync"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// The people of the demo. Anna owns the bot; Eve is a stranger.
const (
	Anna  = 100
	boris = 200
	eve   = 300
)

// both is a text in both languages of the page.
type both struct {
	RU string `json:"ru"`
	EN string `json:"en"`
}

func (b both) in(language string) string {
	if language == "en" {
		return b.EN
	}
	return b.RU
}

// person is someone whose Telegram the page can show.
type person struct {
	ID   int64  `json:"id"`
	Name both   `json:"name"`
	Role string `json:"role"` // owner, colleague, stranger
}

var people = []person{
	{Anna, both{"Анна", "Anna"}, "owner"},
	{boris, both{"Борис", "Boris"}, "colleague"},
	{eve, both{"Ева", "Eve"}, "stranger"},
}

var (
	groupTitle = both{"Офис", "Office"}
	staffName  = both{"Ольга", "Olga"}
)

// cast is everyone around the bot, on both sides.
type cast struct {
	telegram *telegramtest.Server
	plusofon *plusofontest.Server
	private  map[int64]*telegramtest.Chat
	group    *telegramtest.Group
	office   *telegramtest.Chat // the group as Anna sees it

	mu       sync.Mutex
	language string
	changed  chan struct{} // closed and replaced when the language changes
}

func newCast(tg *telegramtest.Server, pf *plusofontest.Server, language string) *cast {
	c := &cast{telegram: tg, plusofon: pf, private: map[int64]*telegramtest.Chat{}, changed: make(chan struct{})}
	c.speak(language)
	c.group = tg.AddGroup(telegramtest.GroupOptions{Title: groupTitle.in(language), Forum: true})
	for _, p := range people {
		account := tg.AddUser(telegramtest.User{ID: p.ID, FirstName: p.Name.in(language), Language: language})
		c.private[p.ID] = account.Private()
		switch p.ID {
		case Anna:
			c.group.SetAdmin(account, telegramtest.Rights{ManageTopics: true, PinMessages: true, DeleteMessages: true})
			c.office = c.group.As(account)
		case boris:
			c.group.As(account)
		}
	}
	return c
}

// speak sets everyone's Telegram language, ru or en.
func (c *cast) speak(language string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if language != c.language {
		close(c.changed)
		c.changed = make(chan struct{})
	}
	c.language = language
	for _, p := range people {
		c.telegram.AddUser(telegramtest.User{ID: p.ID, FirstName: p.Name.in(language), Language: language})
	}
}

func (c *cast) speaks() string {
	language, _ := c.spoken()
	return language
}

// spoken returns the language, and a channel that is closed when it changes.
func (c *cast) spoken() (language string, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.language, c.changed
}

// runBot runs the bot until ctx ends. A group is addressed in the language of the
// configuration: when the page changes its own, the bot is restarted.
func (c *cast) runBot(ctx context.Context, run func(context.Context, Sides) error, sides Sides) error {
	for {
		language, changed := c.spoken()
		sides.Language = language
		life, end := context.WithCancel(ctx)
		go func() {
			defer end()
			select {
			case <-changed:
			case <-life.Done():
			}
		}()
		err := run(life, sides)
		again := life.Err() != nil && ctx.Err() == nil && (err == nil || errors.Is(err, context.Canceled))
		end()
		switch {
		case again:
		case err == nil && ctx.Err() == nil:
			return errors.New("the bot ended by itself")
		default:
			return err
		}
	}
}
