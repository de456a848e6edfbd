package bot_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
)

// What was gathered by a clock that was hours ahead goes soon after the clock was corrected.
func TestClockIsSetBackWhileMessagesAreGathered(t *testing.T) {
	t.Parallel()
	path, phone, desk := filepath.Join(t.TempDir(), "bot.db"), newPhone(), newDesk()
	var gathered int
	inBubble(t, path, phone, desk, func(b *bubble) {
		b.passes(5 * time.Hour)
		b.opens()
		b.passes(time.Second)
		gathered = b.phone.writes(0, "и вдогонку")
		b.passes(2 * time.Second)
		b.wantRead("это уйдёт в №100")
		t.Logf("%s: %q", time.Now(), b.desk.written())
	})
	inBubble(t, path, phone, desk, func(b *bubble) { // five hours earlier
		b.passes(2 * time.Minute)
		t.Logf("%s: %q", time.Now(), b.desk.written())
		b.wantReaction(gathered, "👌")
		if got := b.desk.written(); len(got) != 2 {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// Nor is an answer waited for by the clock that was ahead.
func TestClockIsSetBackWhileAnAnswerIsAskedFor(t *testing.T) {
	t.Parallel()
	path, phone, desk := filepath.Join(t.TempDir(), "bot.db"), newPhone(), newDesk()
	inBubble(t, path, phone, desk, func(b *bubble) {
		b.passes(5 * time.Hour)
		b.opens()
		b.passes(time.Second)
		b.phone.presses(bottest.AnnaID, phoneButton{message: b.phone.find("№100 создано"), data: "answer:100"})
		b.passes(2 * time.Second)
		b.wantRead("Напишите ответ в обращение №100")
	})
	inBubble(t, path, phone, desk, func(b *bubble) { // five hours earlier
		b.passes(2 * time.Hour)
		b.phone.writes(0, "совсем о другом")
		b.passes(2 * time.Minute)
		if got := b.desk.written(); len(got) != 1 {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// The machine's clock is ahead of Telegram's: what is written long after a draft was sent by its
// button does not go on to its ticket.
func TestNothingGoesOnByAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	const ahead = 3 * time.Hour
	path, phone, desk := filepath.Join(t.TempDir(), "bot.db"), newPhone(), newDesk()
	inBubble(t, path, phone, desk, func(b *bubble) {
		b.passes(5 * time.Hour)
		writes := func(text string) int {
			return b.phone.sends(bottest.AnnaID, 0, func(msg map[string]any) {
				msg["text"], msg["date"] = text, time.Now().Add(-ahead).Unix()
			})
		}
		writes("Касса не печатает")
		b.passes(10 * time.Second)
		if !b.phone.pressed("Отправить") {
			t.Fatal("no card")
		}
		b.passes(time.Hour)
		writes("Весы врут")
		b.passes(5 * time.Second)
		for _, said := range b.phone.reads() {
			if strings.Contains(said, "это уйдёт в") {
				t.Errorf("an hour later it says %q", said)
			}
		}
		b.passes(time.Minute)
		if got := b.desk.written(); len(got) != 1 {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}
