package bot_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/state/statetest"
)

// An update that the program stumbles over holds up its own chat, and that for
// seconds: it is set aside, its author knows, and what he wrote next goes.
func TestUpdateThatCantBeHandled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	inBubble(t, path, newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		mend := statetest.Refuse(t, path, "submissions", "text", "яд")
		bad := b.phone.writes(receipt, "яд")
		next := b.phone.writes(receipt, "следом")
		other := b.phone.from(borisID, 0, "/new Его тема\nЕго текст")
		b.passes(700 * time.Millisecond) // less than the pause before the second attempt
		b.wantReaction(other, "👌")
		b.wantReaction(next, "") // what one person writes goes in order
		b.passes(10 * time.Second)
		b.wantReaction(next, "👌")
		b.wantReaction(bad, "")
		b.wantRead("Сообщение не удалось обработать, оно никуда не отправлено")
		b.wantLogged("its chat waits, and it is tried again")
		b.wantLogged("an update is set aside, it can't be handled")
		mend()
		b.passes(time.Hour)
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "следом", "Его текст"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// One that can be handled at a later attempt is handled once, and nobody is told
// of the others.
func TestUpdateThatCanBeHandledLater(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	inBubble(t, path, newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		mend := statetest.Refuse(t, path, "submissions", "text", "ответ")
		m := b.phone.writes(receipt, "ответ")
		b.passes(500 * time.Millisecond)
		b.wantReaction(m, "")
		b.stop()
		mend()
		b.start() // what has failed is known over a restart
		b.passes(10 * time.Second)
		b.wantReaction(m, "👌")
		if n := strings.Count(b.log.String(), "it is tried again"); n != 1 {
			t.Errorf("the log tells of %d attempts", n)
		}
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// Where not even that can be told the update is set aside all the same.
func TestUpdateWhoseAuthorCantBeTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	inBubble(t, path, newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		mend := statetest.Refuse(t, path, "outbox", "lane", "chat:100")
		b.phone.writes(receipt, "ответ")
		b.passes(10 * time.Second)
		b.wantLogged("its author could not be told")
		mend()
		m := b.phone.writes(receipt, "ещё раз")
		b.passes(10 * time.Second)
		b.wantReaction(m, "👌")
		b.phone.writes(0, "/status")
		b.passes(10 * time.Second)
		b.wantRead("Отложено")
	})
}
