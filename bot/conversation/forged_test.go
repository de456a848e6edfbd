package conversation_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

const (
	refused    = "Доступа нет. Попросите владельца бота о приглашении."
	expired    = "Эта кнопка больше не действует."
	anothers   = "Это черновик другого человека."
	ownersOnly = "Это может только владелец бота."
	done       = "" // the press does what it says, and the answer to it is empty
)

// forged is the expected result of a button pressed by someone who was not given it: a
// member in their own private chat, and a colleague in its chat. It is the beginning of the
// answer. A stranger and a removed person are refused whatever they press, except for the
// access request.
type forged struct {
	data                 func(f *forgery) string
	elsewhere, colleague string
	stranger             string // in private, if not refused
}

func fixed(data string) func(*forgery) string { return func(*forgery) string { return data } }

func about(action chat.Action, id func(*forgery) int64, more ...int64) func(*forgery) string {
	return func(f *forgery) string { return chat.Data(action, id(f), more...) }
}

// forgeries has every action: a button that is missing here fails the test.
var forgeries = map[chat.Action]forged{
	// Tickets belong to the company: anyone with access may read and answer them, wherever
	// they are.
	chat.PressAnswer:     {fixed("answer:7"), done, done, ""},
	chat.PressHistory:    {fixed("history:7"), done, done, ""},
	chat.PressPage:       {fixed("page:7:0"), done, done, ""},
	chat.PressFrom:       {fixed("from:7:1:0"), done, done, ""},
	chat.PressUpTo:       {fixed("upto:7:2:0"), done, done, ""},
	chat.PressExport:     {fixed("export:7"), "Готовлю файл", "Готовлю файл", ""},
	chat.PressMute:       {fixed("mute:7"), "Новости обращения №7 не приходят в этот чат", "Новости №7 теперь без звука", ""},
	chat.PressSound:      {fixed("sound:7"), "Новости обращения №7 не приходят в этот чат", "Новости №7 снова со звуком", ""},
	chat.PressRemind:     {fixed("remind:7"), done, done, ""},
	chat.PressDismiss:    {fixed("dismiss:7"), "Хорошо", "Хорошо", ""},
	chat.PressRemindSend: {fixed("remindsend:7"), done, done, ""},
	chat.PressRemindNot:  {fixed("remindnot:7"), done, done, ""},
	chat.PressFollow:     {fixed("follow:7"), "Новости обращения №7 будут приходить сюда", "Новости обращения №7 будут приходить сюда", ""},
	chat.PressUnfollow:   {fixed("unfollow:7"), "Новости обращения №7 и так не приходят сюда", "Новости обращения №7 больше не приходят сюда", ""},
	chat.PressShow:       {fixed("show:7"), done, done, ""},
	chat.PressStill:      {fixed("still:7"), done, done, ""},
	chat.PressTickets:    {fixed("tickets:0"), done, done, ""},
	chat.PressSettings:   {fixed("settings:2"), done, done, ""},
	chat.PressColleague:  {fixed("colleague:7"), done, done, ""},
	chat.PressResolve:    {fixed("resolve:7:1"), "№7 больше не в списке", "№7 больше не в списке", ""},
	chat.PressFound:      {about(chat.PressFound, (*forgery).searchID), "Этот поиск уже забыт", done, ""},
	chat.PressStatsFile:  {fixed("statscsv"), "Готовлю файл", "Готовлю файл", ""},
	chat.PressAsk:        {fixed("ask"), "Доступ у вас уже есть", "Доступ у вас уже есть", "Просьба передана"},

	// A draft belongs to its author.
	chat.PressSend:     {about(chat.PressSend, (*forgery).draftID), expired, anothers, ""},
	chat.PressSubject:  {about(chat.PressSubject, (*forgery).draftID), expired, anothers, ""},
	chat.PressDrop:     {about(chat.PressDrop, (*forgery).draftID), expired, anothers, ""},
	chat.PressFresh:    {about(chat.PressFresh, (*forgery).questionID), expired, anothers, ""},
	chat.PressTo:       {about(chat.PressTo, (*forgery).questionID, 7), expired, anothers, ""},
	chat.PressToClosed: {about(chat.PressToClosed, (*forgery).questionID, 7), expired, anothers, ""},
	chat.PressJoin:     {func(f *forgery) string { return chat.Data(chat.PressJoin, f.question, int64(f.draft)) }, expired, anothers, ""},
	chat.PressOther:    {about(chat.PressOther, (*forgery).questionID, 0), expired, anothers, ""},
	chat.PressResume:   {about(chat.PressResume, (*forgery).draftID), expired, anothers, ""},
	chat.PressAstray:   {about(chat.PressAstray, (*forgery).goingID), expired, anothers, ""},
	chat.PressUndraft:  {about(chat.PressUndraft, (*forgery).draftID), expired, anothers, ""},
	chat.PressCorrect:  {about(chat.PressCorrect, (*forgery).correctionID), expired, anothers, ""},

	// A failure belongs to the chat.
	chat.PressResend: {about(chat.PressResend, (*forgery).parkedID), expired, "Отправляю ещё раз", ""},
	chat.PressRetry:  {about(chat.PressRetry, (*forgery).failedID), expired, done, ""},
	chat.PressCancel: {about(chat.PressCancel, (*forgery).failedID), expired, done, ""},
	chat.PressUnsend: {about(chat.PressUnsend, (*forgery).waitingID), expired, "Решить может только автор", ""},
	chat.PressAfresh: {about(chat.PressAfresh, (*forgery).failedID), expired, "Решить может только автор", ""},
	chat.PressState:  {about(chat.PressState, (*forgery).failedID), expired, "Написано только что.\nОтвет в №7 не отправлен", ""},

	// Access belongs to the owners.
	chat.PressAdmit:      {fixed("admit:667"), ownersOnly, ownersOnly, ""},
	chat.PressDeny:       {fixed("deny:667"), ownersOnly, ownersOnly, ""},
	chat.PressPerson:     {fixed("person:1"), ownersOnly, ownersOnly, ""},
	chat.PressOwner:      {fixed("owner:3"), ownersOnly, ownersOnly, ""},
	chat.PressUnowner:    {fixed("unowner:4"), ownersOnly, ownersOnly, ""},
	chat.PressRemove:     {fixed("remove:4"), ownersOnly, ownersOnly, ""},
	chat.PressRevoke:     {fixed("revoke:4:1"), ownersOnly, ownersOnly, ""},
	chat.PressAdopt:      {fixed("adopt:4"), ownersOnly, ownersOnly, ""},
	chat.PressErase:      {fixed("erase:666"), ownersOnly, ownersOnly, ""},
	chat.PressGroup:      {fixed("group:1007"), ownersOnly, ownersOnly, ""},
	chat.PressUngroup:    {fixed("ungroup:1007"), ownersOnly, ownersOnly, ""},
	chat.PressInvitation: {fixed("invitation:1"), ownersOnly, ownersOnly, ""},
	chat.PressWithdraw:   {fixed("withdraw:1"), ownersOnly, ownersOnly, ""},
	chat.PressUsers:      {fixed("users:0"), ownersOnly, ownersOnly, ""},
	chat.PressAudit:      {fixed("audit:0"), ownersOnly, ownersOnly, ""},
	chat.PressAuditFile:  {fixed("auditcsv"), ownersOnly, ownersOnly, ""},
}

// forgery is a company in whose group Boris has one of everything that buttons are about.
type forgery struct {
	*bottest.Desk
	draft, question, going, correction state.DraftID
	failed, waiting                    state.SubmissionID
	parked                             state.RowID
	search                             state.SearchID
}

func (f *forgery) draftID() int64      { return int64(f.draft) }
func (f *forgery) questionID() int64   { return int64(f.question) }
func (f *forgery) correctionID() int64 { return int64(f.correction) }
func (f *forgery) goingID() int64      { return int64(f.going) }
func (f *forgery) failedID() int64     { return int64(f.failed) }
func (f *forgery) parkedID() int64     { return int64(f.parked) }
func (f *forgery) waitingID() int64    { return int64(f.waiting) }
func (f *forgery) searchID() int64     { return int64(f.search) }

const anotherOwner, asking = 4, 667

func newForgery(t *testing.T) *forgery {
	f := &forgery{Desk: company(t)}
	f.Says(owner, "/invite")
	f.Do(func(turn *chat.Turn) (err error) {
		keep := func(steps ...error) { err = errors.Join(append(steps, err)...) }
		keep(turn.Tx.SavePerson(state.Person{ID: anotherOwner, Name: "Второй", Role: state.Owner, Source: state.FromOwner, Since: f.Now}),
			turn.Tx.SavePerson(state.Person{ID: asking, Name: "Просит", Role: state.Stranger, Asked: f.Now}),
			turn.Tx.SavePerson(state.Person{ID: eve, Name: "Ева", Role: state.Stranger, Since: f.Now, Removed: f.Now}),
			turn.Tx.Bind(bottest.Office, 7, f.Now))
		if _, failure := turn.Tx.AddPost(state.Post{Ticket: 7, ID: 1, Side: state.Staff, AuthorName: "Оператор", Text: "Текст"}); failure != nil {
			keep(failure)
		}
		if f.search, err = turn.Tx.AddSearch(bottest.Office, "текст", f.Now); err != nil {
			return err
		}
		sub := state.Submission{Kind: state.Answer, Chat: bottest.Office, Message: 50, User: boris, Ticket: 7, Text: "не ушло", State: state.SubmissionFailed, Reason: state.ReasonFails, Created: f.Now}
		var failure error
		f.failed, _, failure = turn.Tx.AddSubmission(sub)
		keep(failure)
		sent := state.Submission{Kind: state.Answer, Chat: bottest.Office, Message: 51, User: boris, Ticket: 7, Text: "ушло", State: state.SubmissionDelivered, Created: f.Now}
		id, _, failure := turn.Tx.AddSubmission(sent)
		keep(failure)
		keep(turn.Request(telegram.SendMessage{ChatID: bottest.Office, Text: "не доставлено"}, chat.TelegramRow{Place: chat.InChat(bottest.Office)}, "parked", state.PriorityNews, ""))
		undelivered, failure := turn.Tx.LaneHead(state.Telegram, "parked")
		f.parked = undelivered.ID
		keep(failure, turn.Tx.Park(undelivered, f.Now, "500"))
		sub.Message, sub.Text, sub.State, sub.Reason = 52, "ждёт", state.SubmissionWaiting, ""
		f.waiting, _, failure = turn.Tx.AddSubmission(sub)
		keep(failure)
		for n, d := range []struct {
			to    *state.DraftID
			draft state.Draft
		}{
			{&f.draft, state.Draft{Kind: state.DraftOpening}}, {&f.question, state.Draft{Kind: state.DraftQuestion}},
			{&f.going, state.Draft{Kind: state.DraftGoing, Ticket: 7}},
			{&f.correction, state.Draft{Kind: state.DraftCorrection, Submission: id}},
		} {
			d.draft.Chat, d.draft.User, d.draft.State, d.draft.Due = bottest.Office, boris, state.DraftOpen, f.Now.Add(24*time.Hour)
			*d.to, failure = turn.Tx.AddDraft(d.draft)
			keep(failure, turn.Tx.SaveItem(state.Item{Chat: bottest.Office, Message: state.MessageID(60 + n), Draft: *d.to, Text: "Слова"}, f.Now))
		}
		return err
	})
	return f
}

// kept is everything that a press may change and a refused one may not.
func (f *forgery) kept() string {
	f.T.Helper()
	var all []string
	f.Do(func(turn *chat.Turn) (err error) {
		note := func(v any, failure error) {
			all = append(all, fmt.Sprintf("%+v", v))
			err = errors.Join(err, failure)
		}
		for _, id := range []state.UserID{owner, boris, vera, anotherOwner, asking, eve} {
			p, failure := turn.Tx.Person(id)
			note([]any{p.Role, p.Source, p.Removed, p.ID == eve && p.Name == "Ева"}, failure)
		}
		for _, id := range []state.DraftID{f.draft, f.question, f.going, f.correction} {
			note(turn.Tx.Draft(id))
		}
		note(turn.Tx.Submission(f.failed))
		note(turn.Tx.Row(f.parked))
		note(turn.Tx.Submission(f.waiting))
		note(turn.Tx.Groups(9, 0))
		note(turn.Tx.Invites(f.Now, 9, 0))
		note(turn.Tx.BindingsOf(7))
		note(turn.Tx.Settings(bottest.Office))
		rows, failure := turn.Tx.QueuedRows(state.Plusofon)
		note(len(rows), failure)
		return err
	})
	return strings.Join(all, "\n")
}

// Every button of every message, pressed by a stranger, by someone removed, in private and
// in the group, by a member elsewhere and by a colleague: none does what the presser may
// not, and each is answered. A new action needs a row here.
func TestForgedPresses(t *testing.T) {
	for _, action := range chat.Actions() {
		c, ok := forgeries[action]
		if !ok {
			t.Errorf("nothing says what comes of a forged %q", action)
			continue
		}
		t.Run(string(action), func(t *testing.T) {
			var f *forgery
			for _, by := range []struct {
				who    string
				user   telegram.UserID
				in     telegram.ChatID
				answer string
				may    bool // use the bot there
			}{
				{"a stranger, in private", 777, 777, cmp.Or(c.stranger, refused), false},
				{"a stranger, in a group that does not count", 777, -555, refused, false},
				{"somebody removed, in private", eve, eve, cmp.Or(c.stranger, refused), false},
				{"somebody removed, in the group", eve, bottest.Office, refused, false},
				{"a member, elsewhere", vera, vera, c.elsewhere, true},
				{"a colleague", vera, bottest.Office, c.colleague, true},
			} {
				if f == nil {
					f = newForgery(t)
				}
				before := f.kept()
				toast, answered := f.Press(by.user, by.in, c.data(f))
				if !answered || toast != by.answer && (by.answer == done || !strings.HasPrefix(toast, by.answer)) {
					t.Errorf("%s: answered %v with %q, want %q", by.who, answered, toast, by.answer)
				}
				if by.may && !slices.Contains([]string{expired, ownersOnly, anothers, "Решить может только автор"}, by.answer) {
					f = nil // it may have taken effect
					continue
				}
				if after := f.kept(); after != before {
					t.Errorf("%s: it changes\n%s\nto\n%s", by.who, before, after)
				}
				if said := f.Said(telegram.UserID(by.in)); len(said) > 0 {
					t.Errorf("%s: the bot says %q", by.who, said)
				}
			}
		})
	}
	for action := range forgeries {
		if !slices.Contains(chat.Actions(), action) {
			t.Errorf("%q is no action", action)
		}
	}
}

// Owners see and change access only in private: everyone can read a group.
func TestOwnersButtonsAreForPrivateChats(t *testing.T) {
	for action, c := range forgeries {
		if c.colleague != ownersOnly {
			continue
		}
		f := newForgery(t)
		before := f.kept()
		if toast, _ := f.Press(owner, bottest.Office, c.data(f)); toast != "Это делается в личном чате с ботом." {
			t.Errorf("%s in a group is answered with %q", action, toast)
		}
		if f.kept() != before || len(f.Said(bottest.Office)) > 0 {
			t.Errorf("%s in a group does something", action)
		}
	}
}
