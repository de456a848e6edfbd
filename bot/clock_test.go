package bot_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// opens has Anna open the first ticket, number 100, and returns the receipt.
func (b *bubble) opens() int {
	b.t.Helper()
	b.passes(time.Second)
	b.phone.writes(0, "/new Тема\nТекст")
	b.passes(10 * time.Second)
	b.wantRead("Обращение №100 создано")
	return b.phone.find("№100 создано")
}

// The clock moves back by hours while the program is down, with an answer being read back, a
// second one queued after it, and a message just received: nothing waits until the clock has
// caught up, and nothing is retried without a pause.
func TestClockIsSetBack(t *testing.T) {
	t.Parallel()
	path, phone, desk := filepath.Join(t.TempDir(), "bot.db"), newPhone(), newDesk()
	var unknown, opening, long int
	inBubble(t, path, phone, desk, func(b *bubble) {
		b.passes(5 * time.Hour)
		receipt := b.opens()
		desk.losesAfter = true
		unknown = b.phone.writes(receipt, "ответ")
		b.passes(time.Second)
		opening = b.phone.writes(0, "/new Вторая\nещё одно")
		b.passes(time.Hour)
		b.wantRead("Проверяю, дошёл ли ответ")
		b.wantReaction(opening, "👀")
		// The rest of a long text is awaited when the program ends.
		long = b.phone.writes(receipt, strings.Repeat("д", 4096))
		b.passes(100 * time.Millisecond)
	})
	before := desk.asked
	inBubble(t, path, phone, desk, func(b *bubble) { // six hours earlier
		b.passes(time.Hour)
		b.wantLogged("as when the clock has been set back")
		if n := desk.asked - before; n > 60 {
			t.Errorf("the ticket was asked for %d times in an hour", n)
		}
		desk.lose(false)
		b.passes(6 * time.Minute)
		for _, id := range []int{unknown, opening, long} {
			b.wantReaction(id, "👌")
		}
		b.desk.replies(100, "новость")
		b.passes(6 * time.Minute)
		b.wantRead("новость")
		if got := b.desk.written(); len(got) != 5 || got[0] != "Текст" || got[1] != "ответ" || got[2] != strings.Repeat("д", 4096) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}
