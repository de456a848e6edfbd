package bot_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/state"
)

// receiving is a Telegram that keeps the files it is sent.
type receiving struct {
	*fakeTelegram
	names, files []string
	refuses      int // number of uploads that fail in the middle
}

func (r *receiving) Upload(ctx context.Context, c telegram.Call, files ...telegram.Upload) (telegram.Result, error) {
	body, err := files[0].Open(ctx)
	if err != nil {
		return telegram.Result{}, &telegram.Error{Method: c.Method, Outcome: telegram.NotSent, Err: fmt.Errorf("open the file: %w", err)}
	}
	defer body.Close()
	if r.refuses > 0 {
		r.refuses--
		_, err := io.CopyN(io.Discard, body, 100)
		return telegram.Result{}, errors.Join(&telegram.Error{Method: c.Method, Outcome: telegram.NotSent, Description: "cut off"}, err)
	}
	content, err := io.ReadAll(body)
	r.names, r.files = append(r.names, files[0].Name), append(r.files, string(content))
	return telegram.Result{MessageID: 1, Raw: []byte("{}")}, err
}

func auditPress(n int, user telegram.UserID, data string) telegram.Raw {
	return telegram.Raw{ID: int64(n), JSON: fmt.Appendf(nil, `{"update_id":%d,"callback_query":{"id":"%d","from":{"id":%d,"first_name":"Анна","language_code":"ru"},"data":%q,
		"message":{"message_id":1,"date":1,"text":"x","chat":{"id":%d,"type":"private"}}}}`, n, n, user, data, user)}
}

// [CSV] sends the whole audit, part by part and from its beginning after a failure. A
// former owner gets nothing.
func TestAuditIsSentWhole(t *testing.T) {
	t.Parallel()
	const entries = 450
	tg := &receiving{fakeTelegram: silentTelegram(), refuses: 1}
	loops(t, tg, idlePlusofon{}, tg.inBubble, func(store *state.Store, _ *bottest.Log) {
		bottest.Must(t, store.Update(func(tx *state.Tx) (err error) {
			for i := range entries {
				err = errors.Join(err, tx.AddAudit(state.AuditEntry{At: time.Now(), Event: state.AuditAnswered, By: bottest.AnnaID, Chat: bottest.AnnaID, Ticket: state.TicketID(i + 1)}))
			}
			return err
		}))
		tg.updates <- []telegram.Raw{auditPress(1, bottest.AnnaID, "auditcsv")}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(tg.files) != 1 || tg.names[0] != "audit-2000-01-01.csv" {
			t.Fatalf("the files are %q", tg.names)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(tg.files[0], "\ufeff"))).ReadAll()
		bottest.Must(t, err)
		if len(rows) != 1+1+entries || rows[0][0] != "время" || rows[entries+1][8] != fmt.Sprint(entries) {
			t.Errorf("%d rows, the last is %q", len(rows), rows[len(rows)-1])
		}

		// Requested by someone who is no longer an owner when it is sent.
		tg.refuses = 1
		tg.updates <- []telegram.Raw{auditPress(2, bottest.AnnaID, "auditcsv")}
		synctest.Wait()
		bottest.Must(t, store.Update(func(tx *state.Tx) error {
			p, err := tx.Person(bottest.AnnaID)
			p.Role = state.Member
			return errors.Join(err, tx.SavePerson(p))
		}))
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(tg.files) != 1 {
			t.Errorf("%d files are sent", len(tg.files))
		}
	})
}

// What owners see and get of the audit has ids and times, and no texts: not in a chat, not
// in the file, not in the log.
func TestAuditHoldsNoWords(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		const canary = "канарейка-слов"
		w.Invited(w.Boris)
		for _, c := range []*telegramtest.Chat{w.Anna, w.Boris} {
			m := c.Send("/new " + canary + "\n" + canary)
			w.Reacts(c, m.ID, "👌")
		}
		receipt := w.Reads(w.Anna, "создано")
		answer := w.Anna.Reply(receipt.ID, canary)
		w.Reacts(w.Anna, answer.ID, "👌")
		w.Eve.Send(canary)
		w.Reads(w.Eve, "Этот бот закрыт")
		w.Anna.Send("/users")
		users := w.Reads(w.Anna, "Доступ есть у 2 человек")
		w.Anna.Send("/audit")
		audit := w.Reads(w.Anna, "Журнал доступа", "открыто обращение", "ответ в обращение", "доступ по приглашению")
		w.Pressed(w.Anna.Press(audit.ID, "CSV"))
		file := w.Sees(w.Anna, "the file", func(m telegramtest.Message) bool { return m.File != nil && strings.HasSuffix(m.File.Name, ".csv") })
		content := string(w.Telegram.Content(file.File.ID))
		for where, text := range map[string]string{"/users": users.Text, "/audit": audit.Text, "the file": content + file.Text} {
			for _, secret := range []string{canary, bottest.TelegramCanary, bottest.PlusofonCanary, "start="} {
				if strings.Contains(text, secret) {
					t.Errorf("%s holds %s: %q", where, secret, text)
				}
			}
		}
		if !strings.Contains(content, "Boris") {
			t.Errorf("the file is %q", content)
		}
		for line := range strings.Lines(w.Log.String()) {
			if strings.Contains(line, "msg=audit") && (strings.Contains(line, canary) || strings.Contains(line, "Boris")) {
				t.Errorf("the log holds %s", line)
			}
		}
	})
}

var _ bot.Telegram = (*receiving)(nil)
