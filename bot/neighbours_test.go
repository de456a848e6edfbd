package bot_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// toOneOf matches the requests that answer one of the tickets.
func toOneOf(threads []bottest.Thread) func(method, path string) bool {
	return func(_, path string) bool {
		return slices.ContainsFunc(threads, func(t bottest.Thread) bool { return strings.HasSuffix(path, fmt.Sprintf("/%d", t.ID)) })
	}
}

// endless is a world of owners in which nothing ends by itself: no deadline and no backoff
// ends during a test.
func endless(pollInterval time.Duration) bottest.Options {
	return bottest.Options{Timeout: time.Hour, Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}, Config: func(c *bot.Config) {
		c.RepeatPause, c.PollInterval = time.Hour, pollInterval
		c.Owners = append(c.Owners, bottest.BorisID)
		for i := range audience {
			c.Owners = append(c.Owners, state.UserID(firstOfThem+i))
		}
	}}
}

const firstOfThem, audience = 5000, 70

// lanes waits until n lanes have open rows.
func lanes(w *bottest.World, side state.Side, n int) {
	w.T.Helper()
	w.Eventually(fmt.Sprintf("%d lanes", n), func() bool {
		var lanes []string
		bottest.Must(w.T, w.Store.Update(func(tx *state.Tx) (err error) {
			lanes, err = tx.Lanes(side)
			return err
		}))
		return len(lanes) == n
	})
}

// While the answers to forty tickets hang, one to another ticket is sent. Those that hung
// each arrive once.
func TestHangingAnswersHoldUpNobody(t *testing.T) {
	t.Parallel()
	bottest.Run(t, endless(time.Hour), func(t *testing.T, w *bottest.World) {
		threads, other := w.Follows(w.Boris, 40), w.Follows(w.Anna, 1)[0]
		answers := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Match: toOneOf(threads), Times: -1, OnRead: answers.OnRead})
		var held []int
		for _, t := range threads {
			held = append(held, w.Boris.Reply(t.Message, "зависший ответ").ID)
		}
		answers.Are(len(threads))
		w.Reacts(w.Anna, w.Anna.Reply(other.Message, "мой ответ").ID, "👌")
		answers.End()
		for i, id := range held {
			w.Reacts(w.Boris, id, "👌")
			if posts := w.Posts(threads[i].ID); len(posts) != 2 {
				t.Errorf("ticket %d holds %q", threads[i].ID, posts)
			}
		}
	})
}

// While seventy files are queued, as many in flight as allowed, messages are sent: those to
// Plusofon despite uploads, those to Telegram despite downloads. Once the first messages
// are sent, the second ones compete with all files that may be sent for.
func TestHangingFilesHoldUpNobody(t *testing.T) {
	t.Parallel()
	const files, atOnce = audience, 8
	t.Run("up", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, endless(time.Hour), func(t *testing.T, w *bottest.World) {
			threads, other := w.Follows(w.Boris, files), w.Follows(w.Anna, 1)[0]
			uploads := w.Hangs()
			w.Plusofon.AddFault(plusofontest.Fault{Op: "attach", Times: -1, OnRead: uploads.OnRead})
			var held []int
			for _, t := range threads {
				held = append(held, w.Boris.SendDocument(telegramtest.File{Name: "а.txt", Content: []byte("а")}, "файл", t.Message).ID)
			}
			uploads.Are(atOnce)
			w.Desk("the posts", func(tickets []plusofontest.Ticket) bool {
				return !slices.ContainsFunc(tickets[:files], func(t plusofontest.Ticket) bool { return len(t.Posts) < 2 })
			})
			for range 2 {
				lanes(w, state.Plusofon, files) // a file is queued once its post is there
				w.Reacts(w.Anna, w.Anna.Reply(other.Message, "мой ответ").ID, "👌")
			}
			uploads.End()
			for i, id := range held {
				w.Reacts(w.Boris, id, "👌")
				if ticket, _ := w.Plusofon.Ticket(threads[i].ID); len(ticket.Posts[1].Attachments) != 1 {
					t.Errorf("ticket %d holds %+v", ticket.ID, ticket.Posts)
				}
			}
		})
	})
	t.Run("down", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, endless(10*time.Second), func(t *testing.T, w *bottest.World) {
			downloads := w.Hangs()
			w.Plusofon.AddFault(plusofontest.Fault{Op: "download", Times: -1, OnRead: downloads.OnRead})
			var all []*telegramtest.Chat
			for i := range files {
				c := w.Telegram.AddUser(telegramtest.User{ID: int64(firstOfThem + i), FirstName: "Коллега", Language: "ru"}).Private()
				c.Send("// примечание")
				all = append(all, c)
			}
			id := w.Follows(all[0], 1)[0].ID
			bottest.Must(t, w.Store.Update(func(tx *state.Tx) (err error) {
				for _, c := range all[1:] {
					err = errors.Join(err, tx.Bind(state.ChatID(c.ID()), state.TicketID(id), time.Now()))
				}
				return err
			}))
			w.Polled()
			w.Plusofon.Reply(id, "Ольга", "вот файл", plusofontest.Attachment{Name: "файл.txt", Content: []byte("а")})
			for _, c := range all {
				w.Reads(c, "вот файл")
			}
			downloads.Are(atOnce)
			for _, question := range []string{"/help", "/start"} {
				lanes(w, state.Telegram, files) // a file is queued once its message is there
				to := w.Anna.Send(question).ID
				w.Sees(w.Anna, "an answer", func(m telegramtest.Message) bool { return m.FromBot && m.ID > to })
			}
			downloads.End()
			for _, c := range all {
				w.File(c, "файл.txt")
			}
		})
	})
}

// Eight trickling downloads, as many as may be in flight, delay neither messages nor other
// files for longer than each may last: they fail, and in the end their files are reported
// as missing.
func TestTricklingDownloadsEnd(t *testing.T) {
	t.Parallel()
	const atOnce = 8
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "download", Times: -1, Trickle: time.Second, Match: func(_, path string) bool { return strings.Contains(path, "slow") }})
		threads, other := w.Follows(w.Anna, atOnce), w.Follows(w.Anna, 1)[0]
		w.Polled()
		for i, thread := range threads {
			w.Plusofon.Reply(thread.ID, "Ольга", "медленный файл", plusofontest.Attachment{Name: fmt.Sprintf("slow-%d.bin", i), Content: bytes.Repeat([]byte("x"), 100_000)})
		}
		w.Requested("words", func(r telegramtest.Request) bool { return strings.Contains(r.Params["text"], "slow-7.bin") })
		w.Plusofon.Reply(other.ID, "Ольга", "вот файл", plusofontest.Attachment{Name: "файл.txt", Content: []byte("а")})
		w.Passes(30 * time.Second)
		w.WantRead(w.Anna, "вот файл")
		w.Passes(3 * time.Minute)
		if !slices.ContainsFunc(w.Anna.FromBot(), func(m telegramtest.Message) bool { return m.File != nil && m.File.Name == "файл.txt" }) {
			t.Error("the file of another ticket has not come")
		}
		w.Passes(time.Hour)
		for i := range threads {
			w.WantRead(w.Anna, fmt.Sprintf("Файл «slow-%d.bin» не удалось получить", i))
		}
		lanes(w, state.Telegram, 0)
	})
}

// While news is queued for an unreachable chat, everyone else gets theirs.
func TestClosedChatHoldsUpNobody(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]func(w *bottest.World, follows func(chat int64)) (chat int64){
		"blocked": func(w *bottest.World, follows func(int64)) int64 {
			follows(bottest.BorisID)
			w.Boris.Block()
			return bottest.BorisID
		},
		"deleted": func(w *bottest.World, follows func(int64)) int64 {
			follows(bottest.BorisID)
			w.Person(bottest.BorisID).Deactivate()
			return bottest.BorisID
		},
		"migrated": func(w *bottest.World, follows func(int64)) int64 {
			g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
			follows(g.ID())
			// After its upgrade it can't be written to either.
			moved := g.Migrate().ID()
			w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Chat: moved, Times: -1, Status: 500})
			return moved
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, endless(10*time.Second), func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				chat := leaves(w, func(chat int64) {
					bottest.Must(t, w.Store.Update(func(tx *state.Tx) error { return tx.Bind(state.ChatID(chat), state.TicketID(id), time.Now()) }))
				})
				w.Plusofon.Reply(id, "Ольга", "Первая новость")
				w.Requested("a refusal", func(r telegramtest.Request) bool { return r.Params["chat_id"] == fmt.Sprint(chat) && r.Status >= 400 })
				w.Plusofon.Reply(id, "Ольга", "Вторая новость")
				w.Reads(w.Anna, "Первая новость")
				w.Reads(w.Anna, "Вторая новость")
			})
		})
	}
}

// deskThatHangs is Plusofon without a network, so that it works in virtual time: answers to
// tickets below 1000 hang until the timeout.
type deskThatHangs struct {
	mu   sync.Mutex
	left map[int][]time.Time // when answers to a ticket were sent
}

func (d *deskThatHangs) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := `{"id":1,"email":"company@example.com"}`
	id, err := strconv.Atoi(path.Base(r.URL.Path))
	switch {
	case err == nil && r.Method == http.MethodGet:
		answer = fmt.Sprintf(`{"id":"%d","subject":"Тема","status":true,"posts":[]}`, id)
	case err == nil:
		_, _ = io.Copy(io.Discard, r.Body)
		d.mu.Lock()
		d.left[id] = append(d.left[id], time.Now())
		d.mu.Unlock()
		if id < 1000 {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		answer = "{}"
	case path.Base(r.URL.Path) == "ticket":
		answer = `{"ticket":[]}`
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

// answers counts the answers sent, and returns how long after a moment the last one was.
func (d *deskThatHangs) answers(id int, since time.Time) (n int, took time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n = len(d.left[id]); n > 0 {
		took = d.left[id][n-1].Sub(since)
	}
	return n, took
}

// Requests that hang are read back and retried again and again. At the default rate eighty
// such tickets leave to the others what they need: once each had its first attempt, another
// ticket's answer is sent at once.
func TestHangingTicketsLeaveTheRateToOthers(t *testing.T) {
	t.Parallel()
	const hanging, others = 80, 10
	synctest.Test(t, func(t *testing.T) {
		desk := &deskThatHangs{left: map[int][]time.Time{}}
		pf, err := plusofon.New(plusofon.Config{BaseURL: "https://api.example", Token: "t0ken", Transport: desk})
		bottest.Must(t, err)
		update := 0
		answer := func(ticket int) telegram.Raw {
			update++
			return telegram.Raw{ID: int64(update), JSON: fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"date":%d,"text":"ответ",
				"chat":{"id":%d,"type":"private"},"from":{"id":%d,"first_name":"Анна"},
				"reply_to_message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"private"}}}}`,
				update, 10_000+update, time.Now().Unix(), bottest.AnnaID, bottest.AnnaID, ticket, bottest.AnnaID)}
		}
		follow := func(tx *state.Tx) (err error) {
			for i := range hanging + others {
				id := state.TicketID(i + 1)
				if i >= hanging {
					id = state.TicketID(1000 + i - hanging)
				}
				err = errors.Join(err, tx.SaveTicket(state.Ticket{ID: id, Subject: "Тема", Open: true, Fetched: time.Now()}),
					tx.Bind(bottest.AnnaID, id, time.Now()), tx.MapMessage(bottest.AnnaID, state.MessageID(id), id, true))
			}
			return errors.Join(err, bottest.Proven(tx, false))
		}
		tg := &fakeTelegram{accept: func(telegram.ChatID, string, time.Time) error { return nil }}
		between(t, filepath.Join(t.TempDir(), "bot.db"), tg, pf, pf.Background(), follow, func(*state.Store) {
			var all []telegram.Raw
			for i := range hanging {
				all = append(all, answer(i+1))
			}
			tg.updates <- all
			time.Sleep(2 * time.Minute)
			for i := range others {
				time.Sleep(10 * time.Second)
				sent := time.Now()
				tg.updates <- []telegram.Raw{answer(1000 + i)}
				synctest.Wait()
				if n, took := desk.answers(1000+i, sent); n != 1 || took > 0 {
					t.Errorf("%d answers to another ticket left, the last after %v", n, took)
				}
			}
			again := 0
			for i := range hanging {
				n, _ := desk.answers(i+1, time.Now())
				again += max(n-1, 0)
			}
			if again < 10 {
				t.Errorf("what hangs was repeated %d times: it starves", again)
			}
		})
	})
}
