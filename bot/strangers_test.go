package bot_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// deeds are what a stranger can do, for the n-th time, as updates.
var deeds = []struct {
	name   string
	update func(n int) string
}{
	{"text", func(n int) string { return byEve(n, fmt.Sprintf(`"text":"болтовня %d"`, n)) }},
	{"command", func(n int) string {
		return byEve(n, fmt.Sprintf(`"text":"/new болтовня %d","entities":[{"type":"bot_command","offset":0,"length":4}]`, n))
	}},
	{"guessed link", func(n int) string {
		return byEve(n, fmt.Sprintf(`"text":"/start болтовня%d","entities":[{"type":"bot_command","offset":0,"length":6}]`, n))
	}},
	{"photo", func(n int) string {
		return byEve(n, fmt.Sprintf(`"caption":"/new болтовня %d",%s`, n, photo(n)))
	}},
	{"album", func(n int) string {
		return byEve(n, fmt.Sprintf(`"media_group_id":"%d","caption":"болтовня %d",%s`, n/10, n, photo(n)))
	}},
	{"edit", func(n int) string {
		message := byEve(n, fmt.Sprintf(`"edit_date":%d,"text":"болтовня %d"`, time.Now().Unix(), n))
		return strings.Replace(message, "message", "edited_message", 1)
	}},
	{"press", func(n int) string { return pressOfEve(n, fmt.Sprintf("history:%d", n)) }},
	{"wish to be let in", func(n int) string { return pressOfEve(n, "ask") }},
}

var eve = fmt.Sprintf(`{"id":%d,"first_name":"Ева","language_code":"ru"}`, bottest.EveID)

func byEve(n int, content string) string {
	return fmt.Sprintf(`"message":{"message_id":%d,"date":%d,"chat":{"id":%d,"type":"private"},"from":%s,%s}`,
		n, time.Now().Unix(), bottest.EveID, eve, content)
}

func photo(n int) string {
	return fmt.Sprintf(`"photo":[{"file_id":"%d","file_unique_id":"u%d","width":90,"height":67,"file_size":1000}]`, n, n)
}

func pressOfEve(n int, data string) string {
	return fmt.Sprintf(`"callback_query":{"id":"%d","from":%s,"data":%q,%s}`, n, eve, data, byEve(1, `"text":"Этот бот закрыт"`))
}

// addedByEve is the update for her adding the bot to another group.
func addedByEve(n int) string {
	const member = `{"status":%q,"user":{"id":1000,"is_bot":true,"first_name":"Бот"}}`
	return fmt.Sprintf(`"my_chat_member":{"chat":{"id":%d,"type":"group","title":"болтовня %d"},"from":%s,"date":%d,"old_chat_member":%s,"new_chat_member":%s}`,
		-n, n, eve, time.Now().Unix(), fmt.Sprintf(member, "left"), fmt.Sprintf(member, "member"))
}

// numbered numbers updates.
type numbered int

func (n *numbered) next(update func(int) string) telegram.Raw {
	*n++
	return telegram.Raw{ID: int64(*n), JSON: fmt.Appendf(nil, `{"update_id":%d,%s}`, *n, update(int(*n)))}
}

func sizeOf(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	bottest.Must(t, err)
	return info.Size()
}

// A stranger does everything possible by the thousand, for hours. They are told once an
// hour that the bot is closed, and so are the groups they add it to; nothing is sent to
// Plusofon, hardly anything is stored, and none of it for long. A person with access is
// answered meanwhile.
func TestStrangerByTheThousand(t *testing.T) {
	t.Parallel()
	const hours, each, batch = 3, 5 * time.Minute, 100
	path := filepath.Join(t.TempDir(), "bot.db")
	synctest.Test(t, func(t *testing.T) {
		told := map[bool][]time.Time{} // in groups, in private
		answered := make(chan time.Time, 10)
		asked, presses, left := 0, 0, 0
		tg := &fakeTelegram{
			accept: func(chat telegram.ChatID, text string, now time.Time) error {
				switch {
				case chat != bottest.AnnaID:
					told[chat.IsGroup()] = append(told[chat.IsGroup()], now)
				case strings.Contains(text, "просит доступ"):
					asked++
				default:
					answered <- now
				}
				return nil
			},
			others: func(c telegram.Call) {
				switch c.Method {
				case telegram.AnswerCallbackQuery{}.Method():
					presses++
				case telegram.LeaveChat{}.Method():
					left++
				}
			},
		}
		nothing := func(*state.Tx) error { return nil }
		between(t, path, tg, idlePlusofon{}, idlePlusofon{}, nothing, func(*state.Store) { synctest.Wait() })
		before := sizeOf(t, path)

		var n numbered
		groups := 0
		between(t, path, tg, idlePlusofon{}, idlePlusofon{}, nothing, func(store *state.Store) {
			for range hours * time.Hour / each {
				all := []telegram.Raw{n.next(addedByEve)}
				for len(all) < batch {
					all = append(all, n.next(deeds[len(all)%len(deeds)].update))
				}
				groups++
				tg.updates <- all
				sent := time.Now()
				tg.updates <- []telegram.Raw{n.next(func(n int) string {
					return strings.ReplaceAll(byEve(n, `"text":"/help"`), fmt.Sprint(bottest.EveID), fmt.Sprint(bottest.AnnaID))
				})}
				if took := (<-answered).Sub(sent); took > time.Second {
					t.Errorf("a person with access is answered after %v", took)
				}
				time.Sleep(each)
			}
			bottest.Must(t, store.Update(func(tx *state.Tx) error {
				lanes, err := tx.Lanes(state.Plusofon)
				if len(lanes) > 0 {
					t.Errorf("for Plusofon wait %q", lanes)
				}
				return err
			}))
		})
		for inGroups, times := range told {
			if len(times) < hours {
				t.Errorf("in groups %v: told %d times in %d hours", inGroups, len(times), hours)
			}
			for i := range times[1:] {
				if apart := times[i+1].Sub(times[i]); apart < time.Hour {
					t.Errorf("in groups %v: told again after %v", inGroups, apart)
				}
			}
		}
		if asked != 1 {
			t.Errorf("the owner is asked %d times", asked)
		}
		if most := 21 * (hours + 1); presses == 0 || presses > most {
			t.Errorf("%d presses are answered, want some and %d at most", presses, most)
		}
		if left != groups {
			t.Errorf("the bot has left %d groups of %d", left, groups)
		}
		if grown := float64(sizeOf(t, path)-before) / float64(n); grown > 100 {
			t.Errorf("the database has grown by %.0f bytes an update", grown)
		}
		content, err := os.ReadFile(path)
		bottest.Must(t, err)
		// What arrives together with the first of an hour is stored, and its text deleted.
		if words := bytes.Count(content, []byte("болтовня")); words > hours*batch+groups {
			t.Errorf("the words of %d of %d updates are in the database", words, n)
		}

		rows := func() int {
			after := statetest.Open(t, path)
			defer after.Close()
			return after.Count("inbox") + after.Count("outbox")
		}
		if rows() == 0 {
			t.Error("no row is kept at all, not even for a repeat to be known")
		}
		time.Sleep(8 * 24 * time.Hour)
		between(t, path, tg, idlePlusofon{}, idlePlusofon{}, nothing, func(*state.Store) { synctest.Wait() })
		if n := rows(); n > 0 {
			t.Errorf("%d rows are kept for more than a week", n)
		}
	})
}

// BenchmarkStrangers measures the cost of an update from a stranger who was told that the
// bot is closed: CPU without waiting for the disk, and disk space for a week.
func BenchmarkStrangers(b *testing.B) {
	for _, deed := range deeds {
		b.Run(deed.name, func(b *testing.B) {
			const batch = 100 // as they come when they are many
			path := filepath.Join(b.TempDir(), "bot.db")
			tg := &fakeTelegram{accept: func(telegram.ChatID, string, time.Time) error { return nil }}
			told := func(tx *state.Tx) error {
				return tx.SavePerson(state.Person{ID: bottest.EveID, Name: "Ева", Role: state.Stranger, Asked: time.Now()})
			}
			between(b, path, tg, idlePlusofon{}, idlePlusofon{}, told, func(*state.Store) { tg.updates <- nil })
			before := sizeOf(b, path)
			var n numbered
			var spent time.Duration
			between(b, path, tg, idlePlusofon{}, idlePlusofon{}, told, func(*state.Store) {
				var first []telegram.Raw // she is told everything there is to tell
				for range batch {
					first = append(first, n.next(deeds[0].update), n.next(deed.update))
				}
				tg.updates <- first
				tg.updates <- nil
				n = 0
				for b.Loop() {
					var all []telegram.Raw
					for range batch {
						all = append(all, n.next(deed.update))
					}
					begun := processorTime(b)
					tg.updates <- all
					tg.updates <- nil // they are handled
					spent += processorTime(b) - begun
				}
			})
			b.ReportMetric(float64(spent.Microseconds())/float64(n), "cpu-µs/update")
			b.ReportMetric(float64(sizeOf(b, path)-before)/float64(n), "B/update")
		})
	}
}
