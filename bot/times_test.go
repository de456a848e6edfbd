package bot

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// desk is a bot with a store and a clock that stands still until it is moved.
type desk struct {
	t     *testing.T
	bot   *Bot
	store *state.Store
	now   time.Time
	last  telegram.MessageID
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // nothing is lost by it
	return &desk{t: t, bot: New(Config{Language: "ru", Signing: SignNever}), store: store, now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}
}

func (d *desk) do(f func(*state.Tx) error) {
	d.t.Helper()
	if err := d.store.Update(f); err != nil {
		d.t.Fatal(err)
	}
}

// ready starts the bot without owners, or with one, and returns the claim link's
// payload.
func (d *desk) ready(owners ...state.UserID) (token string) {
	d.t.Helper()
	d.do(func(tx *state.Tx) error {
		link, err := d.bot.Ready(tx, d.now, telegram.Me{Username: "plusofon_bot"}, owners)
		_, token, _ = strings.Cut(link, "?start=")
		return err
	})
	return token
}

// says lets a person write to the bot and returns what it says to him.
func (d *desk) says(user telegram.UserID, text string) []string {
	d.t.Helper()
	d.last++
	u := telegram.Update{Message: &telegram.Message{
		ID: d.last, Chat: telegram.Chat{ID: telegram.ChatID(user), Type: "private"},
		From: &telegram.User{ID: user, FirstName: "Кто-то"}, Kind: telegram.KindText, Text: text,
	}}
	return d.decides(user, u)
}

func (d *desk) decides(user telegram.UserID, u telegram.Update) []string {
	d.t.Helper()
	d.do(func(tx *state.Tx) error {
		concerns, err := d.bot.Concerns(tx, d.now, u)
		if err != nil || !concerns {
			return err
		}
		return d.bot.Decide(tx, d.now, []telegram.Update{u})
	})
	return d.said(user)
}

// said empties the outbox of a chat.
func (d *desk) said(user telegram.UserID) (texts []string) {
	d.t.Helper()
	d.do(func(tx *state.Tx) error {
		for {
			row, err := tx.LaneHead(state.Telegram, chatLane(state.ChatID(user)))
			if errors.Is(err, state.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			r, err := Decode[TelegramRow](row)
			if err != nil {
				return err
			}
			var params struct{ Text string }
			if err := json.Unmarshal(r.Call.Params, &params); err != nil {
				return err
			}
			if params.Text != "" {
				texts = append(texts, params.Text)
			}
			if err := tx.Finish(row.ID, state.Done, d.now, ""); err != nil {
				return err
			}
		}
	})
	return texts
}

func (d *desk) want(said []string, text string) {
	d.t.Helper()
	if text == "" && len(said) == 0 {
		return
	}
	if text == "" || len(said) != 1 || !strings.Contains(said[0], text) {
		d.t.Errorf("the bot says %q, want %q", said, text)
	}
}

func TestClaimLinkLives15Minutes(t *testing.T) {
	for after, want := range map[time.Duration]string{15*time.Minute - time.Second: "Теперь вы владелец", 15 * time.Minute: "Этот бот закрыт"} {
		d := newDesk(t)
		token := d.ready()
		d.now = d.now.Add(after)
		d.want(d.says(1, "/start "+token), want)
	}
	t.Run("one use", func(t *testing.T) {
		d := newDesk(t)
		token := d.ready()
		d.want(d.says(1, "/start "+token), "Теперь вы владелец")
		d.want(d.says(2, "/start "+token), "Этот бот закрыт")
		if again := d.ready(); again != "" {
			t.Error("a claim link although there is an owner")
		}
	})
	t.Run("none with owners", func(t *testing.T) {
		if token := newDesk(t).ready(1); token != "" {
			t.Error("a claim link although an owner is configured")
		}
	})
}

func TestInvitationLivesADay(t *testing.T) {
	for after, want := range map[time.Duration]string{24*time.Hour - time.Second: "Доступ открыт", 24 * time.Hour: "Этот бот закрыт"} {
		d := newDesk(t)
		d.ready(1)
		_, token, _ := strings.Cut(d.says(1, "/invite")[0], "?start=")
		d.now = d.now.Add(after)
		d.want(d.says(2, "/start "+token), want)
	}
}

// A stranger is told once an hour, however much he writes.
func TestStrangerIsToldOnceAnHour(t *testing.T) {
	d := newDesk(t)
	d.ready(1)
	d.want(d.says(2, "привет"), "Этот бот закрыт")
	d.now = d.now.Add(time.Hour - time.Second)
	d.want(d.says(2, "ау"), "")
	d.now = d.now.Add(time.Second)
	d.want(d.says(2, "ау"), "Этот бот закрыт")
}

// A stranger's request reaches the owners once a day.
func TestStrangerAsksOnceADay(t *testing.T) {
	d := newDesk(t)
	d.ready(1)
	d.says(2, "привет")
	ask := func() []string {
		d.decides(2, telegram.Update{Callback: &telegram.Callback{
			ID: d.now.String(), From: telegram.User{ID: 2, FirstName: "Ева"}, Data: pressAsk,
			Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 2, Type: "private"}},
		}})
		return d.said(1)
	}
	d.want(ask(), "Ева просит доступ")
	d.now = d.now.Add(24*time.Hour - time.Second)
	d.want(ask(), "")
	d.now = d.now.Add(time.Second)
	d.want(ask(), "Ева просит доступ")
}

// A draft is dropped when nothing was added to it for a day, and its card says so.
func TestDraftLivesADay(t *testing.T) {
	due := func(d *desk) {
		d.t.Helper()
		d.do(func(tx *state.Tx) error {
			all, err := d.bot.Due(tx, d.now)
			if !all {
				t.Error("there is more to do")
			}
			return err
		})
	}
	d := newDesk(t)
	d.ready(1)
	d.want(d.says(1, "не работает"), "Тема: не работает")
	d.now = d.now.Add(23 * time.Hour)
	d.want(d.says(1, "совсем"), "2 сообщения")
	d.now = d.now.Add(24*time.Hour - time.Second)
	due(d)
	d.want(d.said(1), "")
	d.now = d.now.Add(time.Second)
	due(d)
	d.want(d.said(1), "не отправляли сутки")
	due(d)
	d.want(d.said(1), "")
	d.want(d.says(1, "заново"), "1 сообщение")
}

// Talk in a group is not the bot's business, nor what an account without a person
// says.
func TestWhatDoesNotConcernTheBot(t *testing.T) {
	d := newDesk(t)
	d.ready(1)
	owner := &telegram.User{ID: 1, FirstName: "Анна"}
	group := telegram.Chat{ID: -100, Type: "supergroup"}
	for name, u := range map[string]telegram.Update{
		"talk in a group":  {Message: &telegram.Message{ID: 1, Chat: group, From: owner, Kind: telegram.KindText, Text: "новости"}},
		"a remark there":   {Message: &telegram.Message{ID: 1, Chat: group, From: owner, Kind: telegram.KindText, Text: "// /new"}},
		"another's there":  {Message: &telegram.Message{ID: 1, Chat: group, From: owner, Kind: telegram.KindText, Text: "/new@other_bot"}},
		"a stranger there": {Message: &telegram.Message{ID: 1, Chat: group, From: &telegram.User{ID: 2}, Kind: telegram.KindText, Text: "/new"}},
		"an edit there":    {Edited: &telegram.Message{ID: 1, Chat: group, From: owner, Kind: telegram.KindText, Text: "/new"}},
		"nobody":           {Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 1, Type: "private"}, Kind: telegram.KindText, Text: "/new"}},
		"an unknown kind":  {Kind: "something_new"},
		"a lonely press":   {Callback: &telegram.Callback{ID: "1", From: *owner, Data: "tickets:0"}},
		"a stranger's own": {Edited: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 2, Type: "private"}, From: &telegram.User{ID: 2}, Text: "x"}},
	} {
		d.do(func(tx *state.Tx) error {
			concerns, err := d.bot.Concerns(tx, d.now, u)
			if concerns {
				t.Errorf("%s concerns the bot", name)
			}
			return err
		})
	}
}
