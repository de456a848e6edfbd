package chat

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// Action is what a button does. It stands in the data of buttons that people still see
// years later: none is ever renamed or given another meaning.
type Action string

// The actions, by what the number behind them names.
const (
	PressAnswer     Action = "answer" // a ticket
	PressHistory    Action = "history"
	PressPage       Action = "page" // and the page, counted from the first post on
	PressFrom       Action = "from" // and the post, and the part of it, with which a page begins
	PressUpTo       Action = "upto" // and those before which it ends
	PressMute       Action = "mute"
	PressSound      Action = "sound"
	PressExport     Action = "export"
	PressRemind     Action = "remind"
	PressDismiss    Action = "dismiss"
	PressRemindSend Action = "remindsend"
	PressRemindNot  Action = "remindnot"

	PressStill Action = "still" // the question is still there, though the ticket is closed

	PressSend     Action = "send" // a draft
	PressSubject  Action = "subject"
	PressDrop     Action = "drop"
	PressResume   Action = "resume"   // what was laid aside is in hand again
	PressFresh    Action = "fresh"    // its messages are to open a ticket
	PressTo       Action = "to"       // they go to the ticket whose number follows
	PressToClosed Action = "toclosed" // the same, though it is marked as closed
	PressJoin     Action = "join"     // they go into the draft whose number follows
	PressOther    Action = "other"    // the page of all tickets to choose from, from 1; 0: back
	PressAstray   Action = "astray"   // what goes on to a ticket is not for it
	PressCorrect  Action = "correct"  // a correction is to be sent

	PressResend Action = "resend" // a row of the outbox that was parked

	PressRetry  Action = "retry" // a submission
	PressCancel Action = "cancel"
	PressState  Action = "state"

	// Of owners alone.
	PressAdmit      Action = "admit" // a person
	PressDeny       Action = "deny"
	PressPerson     Action = "person"
	PressOwner      Action = "owner"   // is to own the bot
	PressUnowner    Action = "unowner" // no more
	PressRemove     Action = "remove"  // asks whether to close their access
	PressRevoke     Action = "revoke"  // closes it; 1 behind the number: that of the groups they added, too
	PressAdopt      Action = "adopt"   // whoever presses hears of what nobody else would hear of without them
	PressErase      Action = "erase"
	PressGroup      Action = "group" // a group, its negative id without the sign
	PressUngroup    Action = "ungroup"
	PressInvitation Action = "invitation" // an invitation
	PressWithdraw   Action = "withdraw"
	PressUsers      Action = "users"    // a page
	PressAudit      Action = "audit"    // the entry before which the page ends; 0: the newest
	PressAuditFile  Action = "auditcsv" // nothing

	PressFollow   Action = "follow"   // a ticket, one of several that the message names
	PressUnfollow Action = "unfollow" // likewise
	PressShow     Action = "show"     // the history of one that a list names
	PressUndraft  Action = "undraft"  // a draft, one of several things that are not sent yet
	PressUnsend   Action = "unsend"   // a submission, one of them
	PressTickets  Action = "tickets"  // a tab of the list, and the page
	PressSettings Action = "settings" // a setting, and the choice
	PressAsk      Action = "ask"      // nothing: a stranger's wish to be let in

	PressStatsFile Action = "statscsv"  // nothing
	PressFound     Action = "found"     // a search, and the page
	PressColleague Action = "colleague" // a ticket
	PressResolve   Action = "resolve"   // a ticket, and the staff's last post that was seen
)

// subject is what an action's number names.
type subject int

const (
	ofNothing subject = iota
	ofTicket
	ofDraft
	ofSubmission
	ofAccess
	ofScreen
)

var actions = map[Action]subject{
	PressAnswer: ofTicket, PressHistory: ofTicket, PressPage: ofTicket, PressFrom: ofTicket, PressUpTo: ofTicket, PressMute: ofTicket, PressSound: ofTicket, PressExport: ofTicket,
	PressRemind: ofTicket, PressDismiss: ofTicket, PressRemindSend: ofTicket, PressRemindNot: ofTicket, PressStill: ofTicket,
	PressSend: ofDraft, PressSubject: ofDraft, PressDrop: ofDraft, PressResume: ofDraft, PressFresh: ofDraft, PressTo: ofDraft,
	PressToClosed: ofDraft, PressJoin: ofDraft, PressOther: ofDraft, PressAstray: ofDraft, PressCorrect: ofDraft,
	PressRetry: ofSubmission, PressCancel: ofSubmission, PressState: ofSubmission,
	PressAdmit: ofAccess, PressDeny: ofAccess, PressPerson: ofAccess, PressOwner: ofAccess, PressUnowner: ofAccess, PressRemove: ofAccess,
	PressRevoke: ofAccess, PressAdopt: ofAccess, PressErase: ofAccess, PressGroup: ofAccess, PressUngroup: ofAccess,
	PressInvitation: ofAccess, PressWithdraw: ofAccess, PressUsers: ofAccess, PressAudit: ofAccess, PressAuditFile: ofAccess,
	PressFollow: ofScreen, PressUnfollow: ofScreen, PressShow: ofScreen, PressUndraft: ofScreen, PressUnsend: ofScreen, PressTickets: ofScreen, PressSettings: ofScreen, PressAsk: ofNothing,
	PressStatsFile: ofNothing, PressResend: ofNothing,
	PressFound: ofScreen, PressColleague: ofTicket, PressResolve: ofTicket,
}

// Actions are all of them.
func Actions() []Action { return slices.Sorted(maps.Keys(actions)) }

// Press is the data of a button: an action with the number it is about, and for some a
// second and a third one. It is short (64 bytes at most) and says all, so that a button works however
// old it is.
type Press struct {
	Action Action
	Ticket state.TicketID // the number, for those about a ticket
	ID     int64          // the same number, for the others
	Page   int
	Part   int // only where a post's is named
}

// OfTicket tells whether the number is that of the ticket which the message is about.
func (p Press) OfTicket() bool { return actions[p.Action] == ofTicket }

// namesTicket tells whether the number is a ticket's at all.
func (p Press) namesTicket() bool {
	return p.OfTicket() || p.Action == PressFollow || p.Action == PressUnfollow || p.Action == PressShow
}

// OfDraft tells whether the number is a draft's, and the message its card.
func (p Press) OfDraft() bool { return actions[p.Action] == ofDraft }

// OfOwners tells whether the action is for owners alone.
func (p Press) OfOwners() bool { return actions[p.Action] == ofAccess }

// OfSubmission tells whether the number is a submission's.
func (p Press) OfSubmission() bool { return actions[p.Action] == ofSubmission }

// Data writes a button's data.
func Data[ID ~int64 | ~int](a Action, id ID, more ...int64) string {
	data := string(a) + ":" + strconv.FormatInt(int64(id), 10)
	for _, n := range more {
		data += ":" + strconv.FormatInt(n, 10)
	}
	return data
}

// ParsePress reads a button's data; false where it is none of Data's. Whether there is
// such an action is told where it is carried out.
func ParsePress(data string) (Press, bool) {
	fields := strings.Split(data, ":")
	p := Press{Action: Action(fields[0])}
	if len(fields) > 1 {
		n, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil || n < 0 {
			return Press{}, false
		}
		p.ID, p.Ticket = n, state.TicketID(n)
	}
	if len(fields) > 2 {
		n, err := strconv.Atoi(fields[2])
		if err != nil || n < 0 {
			return Press{}, false
		}
		p.Page = n
	}
	most := 3
	if p.Action == PressFrom || p.Action == PressUpTo {
		most = 4
	}
	if len(fields) > 3 {
		n, err := strconv.Atoi(fields[3])
		if err != nil || n < 0 {
			return Press{}, false
		}
		p.Part = n
	}
	return p, len(fields) <= most && (!p.namesTicket() || p.Ticket > 0)
}

// SoundButton is [Без звука] or its opposite, as it stands in this chat.
func (t *Turn) SoundButton(s SpeakerTexts, chat state.ChatID, id state.TicketID) (telegram.Button, error) {
	b, err := t.Tx.Binding(chat, id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return telegram.Button{}, err
	}
	return MuteButton(s, b.Muted, id), nil
}

// MuteButton is SoundButton where it is known how it stands.
func MuteButton(s SpeakerTexts, muted bool, id state.TicketID) telegram.Button {
	if muted {
		return Button(s.T("button_sound"), Data(PressSound, id))
	}
	return Button(s.T("button_mute"), Data(PressMute, id))
}

// Pager is a row of buttons that leads to the neighbouring pages. The button in
// the middle tells where one is and shows that page anew.
func Pager(page, pages int, data func(page int) string) []telegram.Button {
	var row []telegram.Button
	if page > 0 {
		row = append(row, Button("‹", data(page-1)))
	}
	row = append(row, Button(fmt.Sprintf("%d / %d", page+1, pages), data(page)))
	if page < pages-1 {
		row = append(row, Button("›", data(page+1)))
	}
	return row
}

// TicketLink is a link that shows a ticket to whoever has access; "" until Telegram has told
// the bot's name.
func (t *Turn) TicketLink(id state.TicketID) string {
	if t.BotName == "" {
		return ""
	}
	return "https://t.me/" + t.BotName + "?start=" + TicketPayload + TicketNumber(id)
}

// TicketPayload begins the payload of such a link.
const TicketPayload = "t_"

// GroupPayload stands in the link that adds the bot to a group.
const GroupPayload = "added"

// AddToGroup is a button, in a private chat, that adds the bot to a group with the
// rights it can use there.
func (t *Turn) AddToGroup(c state.ChatID, s texts.Texts) [][]telegram.Button {
	if t.BotName == "" || telegram.ChatID(c).IsGroup() {
		return nil
	}
	link := "https://t.me/" + t.BotName + "?startgroup=" + GroupPayload + "&admin=manage_topics+pin_messages"
	return [][]telegram.Button{{{Text: s.T("button_add_to_group"), URL: link}}}
}

// styles are those of the buttons that people must not mistake for others: what sends,
// what drops or closes, what answers.
var styles = map[Action]telegram.Style{
	PressSend: telegram.Success, PressRemindSend: telegram.Success, PressCorrect: telegram.Success, PressRetry: telegram.Success, PressAdmit: telegram.Success,
	PressDrop: telegram.Danger, PressCancel: telegram.Danger, PressRemove: telegram.Danger, PressRevoke: telegram.Danger, PressErase: telegram.Danger,
	PressUngroup: telegram.Danger, PressWithdraw: telegram.Danger, PressUnowner: telegram.Danger, PressDeny: telegram.Danger,
	PressUndraft: telegram.Danger, PressUnsend: telegram.Danger,
	PressAnswer: telegram.Primary, PressStill: telegram.Primary,
}

// Button is one with a text and its data.
func Button(text, data string) telegram.Button {
	action, _, _ := strings.Cut(data, ":")
	return telegram.Button{Text: text, Data: data, Style: styles[Action(action)]}
}
