package access

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// auditPage is the number of entries on a page.
const auditPage = 10

// auditTexts maps events to keys of the catalogue.
var auditTexts = map[state.AuditEvent]string{
	state.AuditConfigured: "audit_configured", state.AuditRetired: "audit_retired", state.AuditClaimed: "audit_claimed",
	state.AuditOwnerMade: "audit_owner_made", state.AuditOwnerUnmade: "audit_owner_unmade",
	state.AuditInvited: "audit_invited", state.AuditJoined: "audit_joined", state.AuditWithdrawn: "audit_withdrawn",
	state.AuditAsked: "audit_asked", state.AuditAdmitted: "audit_admitted", state.AuditDenied: "audit_denied",
	state.AuditRemoved: "audit_removed", state.AuditErased: "audit_erased",
	state.AuditGroupAdded: "audit_group_added", state.AuditGroupLeft: "audit_group_left", state.AuditGroupRemoved: "audit_group_removed",
	state.AuditSetting: "audit_setting", state.AuditOpened: "audit_opened", state.AuditAnswered: "audit_answered",
}

// settingTexts maps settings named by entries to keys of the catalogue.
var settingTexts = map[string]string{
	"language": "set_language", "news": "set_news", "quiet": "set_quiet", "zone": "set_zone", "waiting": "set_waiting", "topics": "set_topics",
}

// named holds the current names for an entry's ids.
type named struct{ by, person, chat, ticket, setting string }

func names(t *chat.Turn, s chat.SpeakerTexts, e state.AuditEntry) (n named, err error) {
	if e.By != 0 {
		if n.by, err = nameOf(t, e.By); err != nil {
			return n, err
		}
	}
	if e.Person != 0 {
		if n.person, err = nameOf(t, e.Person); err != nil {
			return n, err
		}
	}
	if n.chat, err = chatName(t, s, e.Chat); err != nil {
		return n, err
	}
	if e.Ticket != 0 {
		n.ticket = chat.TicketName(e.Ticket)
	}
	if key := settingTexts[e.Detail]; key != "" {
		n.setting = s.T(key)
	}
	return n, nil
}

func chatName(t *chat.Turn, s chat.SpeakerTexts, id state.ChatID) (string, error) {
	switch {
	case id == 0:
		return "", nil
	case !telegram.ChatID(id).IsGroup():
		return s.T("audit_private"), nil
	}
	c, err := t.Tx.Chat(id)
	return groupName(state.Group{Chat: id, Title: c.Title}), chat.IgnoreAbsent(err)
}

// describe says what happened.
func describe(s chat.SpeakerTexts, e state.AuditEntry, n named) string {
	key, ok := auditTexts[e.Event]
	if !ok {
		return string(e.Event) // of another version of the program
	}
	return s.T(key, "By", n.by, "Person", n.person, "Chat", n.chat, "Ticket", n.ticket, "Setting", n.setting)
}

// Audit returns a page of the audit, newest entries first: those before one, or the
// latest.
func Audit(t *chat.Turn, s chat.Speaker, before state.AuditID) (chat.Outgoing, error) {
	entries, err := t.Tx.AuditBefore(before, auditPage+1)
	if err != nil {
		return chat.Outgoing{}, err
	}
	var text telegram.Builder
	text.Bold(s.T("audit"))
	if len(entries) == 0 {
		text.Plain("\n" + s.T("audit_nothing"))
	}
	for _, e := range entries[:min(len(entries), auditPage)] {
		n, err := names(t, s, e)
		if err != nil {
			return chat.Outgoing{}, err
		}
		text.Plain("\n" + e.At.In(s.Zone).Format(dateAndTime) + " " + describe(s, e, n))
	}
	var pages []telegram.Button
	if before != 0 {
		pages = append(pages, chat.Button(s.T("button_newest"), chat.Data(chat.PressAudit, 0)))
	}
	if len(entries) > auditPage {
		pages = append(pages, chat.Button(s.T("button_older"), chat.Data(chat.PressAudit, entries[auditPage-1].ID)))
	}
	var rows [][]telegram.Button
	if len(pages) > 0 {
		rows = append(rows, pages)
	}
	return chat.Outgoing{Place: s.Place, Text: text.Text(), Buttons: append(rows, []telegram.Button{chat.Button(s.T("button_csv"), string(chat.PressAuditFile))})}, nil
}

// SendAudit queues the whole audit as a file.
func SendAudit(t *chat.Turn, s chat.Speaker) error {
	call, err := telegram.Encode(telegram.SendDocument{ChatID: telegram.ChatID(s.Chat), NoTypeDetection: true, Caption: s.T("audit")})
	if err != nil {
		return err
	}
	return t.Enqueue(state.Telegram, chat.DownLane(s.Chat, 0), chat.KindFile, state.PriorityPerson, "", chat.TelegramRow{
		Call: call, Place: s.Place,
		File: &chat.AttachmentRef{Made: true, Audit: true, Name: "audit-" + t.Now.In(s.Zone).Format(time.DateOnly) + ".csv"},
	})
}

// AuditFile writes the next n entries after one, for the file sent to a chat, and returns
// the last of them; after itself at the end. Before the first entry it writes a byte order
// mark, by which spreadsheets detect the encoding, and a header. ErrNotFound if the chat's
// person is no longer an owner.
func AuditFile(t *chat.Turn, c state.ChatID, after state.AuditID, n int) (part []byte, last state.AuditID, err error) {
	p, err := t.Tx.Person(state.UserID(c))
	if err == nil && p.Role != state.Owner {
		err = state.ErrNotFound
	}
	if err != nil {
		return nil, after, err
	}
	r, err := t.Locale(c)
	if err != nil {
		return nil, after, err
	}
	entries, err := t.Tx.AuditAfter(after, n)
	if err != nil {
		return nil, after, err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var lines [][]string
	if after == 0 {
		b.WriteString("\ufeff")
		lines = append(lines, strings.Split(r.T("audit_titles"), ","))
	}
	for _, e := range entries {
		n, err := names(t, r, e)
		if err != nil {
			return nil, after, err
		}
		lines = append(lines, []string{
			e.At.In(r.Zone).Format(time.DateTime), inert(describe(r, e, n)), inert(n.by), number(e.By), inert(n.person), number(e.Person),
			inert(n.chat), number(e.Chat), number(e.Ticket), n.setting,
		})
		last = e.ID
	}
	err = w.WriteAll(lines)
	return b.Bytes(), max(last, after), err
}

func number[N ~int64](n N) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

// inert keeps a user-chosen name from being a formula in a spreadsheet.
func inert(name string) string {
	if strings.IndexAny(name, "=+-@\t\r") == 0 {
		return "'" + name
	}
	return name
}
