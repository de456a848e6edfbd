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

// Action is what a button does. It is part of the data of buttons, which people may press
// years later: none is ever renamed or given another meaning.
type Action string

// The actions, by what the number after them identifies.
const (
	PressAnswer     Action = "answer" // a ticket
	PressHistory    Action = "history"
	PressPage       Action = "page" // and the page, counted from the first post
	PressFrom       Action = "from" // and the post, and its part, that begins the page
	PressUpTo       Action = "upto" // and the post and part before which the page ends
	PressMute       Action = "mute"
	PressSound      Action = "sound"
	PressExport     Action = "export"
	PressRemind     Action = "remind"
	PressDismiss    Action = "dismiss"
	PressRemindSend Action = "remindsend"
	PressRemindNot  Action = "remindnot"

	PressStill Action = "still" // the question stands, though the ticket is closed

	PressSend     Action = "send" // a draft
	PressSubject  Action = "subject"
	PressDrop     Action = "drop"
	PressResume   Action = "resume"   // puts it back in hand
	PressFresh    Action = "fresh"    // its messages are to open a ticket
	PressTo       Action = "to"       // its messages go to the ticket with the second number
	PressToClosed Action = "toclosed" // the same, though that ticket is closed
	PressJoin     Action = "join"     // its messages go into the draft with the second number
	PressOther    Action = "other"    // the page of all tickets to choose from, from 1; 0: back
	PressAstray   Action = "astray"   // its messages continue a ticket they are not meant for
	PressCorrect  Action = "correct"  // sends a correction

	PressResend Action = "resend" // a parked row of the outbox

	PressRetry  Action = "retry" // a submission
	PressCancel Action = "cancel"
	PressState  Action = "state"
	PressAfresh Action = "afresh" // its messages are to open a ticket

	// For owners only.
	PressAdmit      Action = "admit" // a person
	PressDeny       Action = "deny"
	PressPerson     Action = "person"
	PressOwner      Action = "owner"   // makes them an owner
	PressUnowner    Action = "unowner" // makes them a member again
	PressRemove     Action = "remove"  // asks whether to revoke their access
	PressRevoke     Action = "revoke"  // revokes it; second number 1: also that of the groups they added
	PressAdopt      Action = "adopt"   // whoever presses follows the tickets that only they follow
	PressErase      Action = "erase"
	PressGroup      Action = "group" // a group: its negative id without the sign
	PressUngroup    Action = "ungroup"
	PressInvitation Action = "invitation" // an invitation
	PressWithdraw   Action = "withdraw"
	PressUsers      Action = "users"    // a page
	PressAudit      Action = "audit"    // the entry before which the page ends; 0: the newest
	PressAuditFile  Action = "auditcsv" // nothing

	PressFollow   Action = "follow"   // a ticket, one of several in the message
	PressUnfollow Action = "unfollow" // the same
	PressShow     Action = "show"     // the history of one from a list
	PressUndraft  Action = "undraft"  // a draft, one of several unsent things
	PressUnsend   Action = "unsend"   // a submission, one of several unsent things
	PressTickets  Action = "tickets"  // a tab of the list, and the page
	PressSettings Action = "settings" // a setting, and the choice
	PressAsk      Action = "ask"      // nothing: a stranger's access request

	PressStatsFile Action = "statscsv"  // nothing
	PressFound     Action = "found"     // a search, and the page
	PressColleague Action = "colleague" // a ticket
	PressResolve   Action = "resolve"   // a ticket, and the last post of the staff's that was seen
)

// argument is what an action's number identifies.
type argument int

const (
	ofNothing argument = iota
	ofTicket
	ofDraft
	ofSubmission
	ofAccess
	ofScreen
)

var actions = map[Action]argument{
	PressAnswer: ofTicket, PressHistory: ofTicket, PressPage: ofTicket, PressFrom: ofTicket, PressUpTo: ofTicket, PressMute: ofTicket, PressSound: ofTicket, PressExport: ofTicket,
	PressRemind: ofTicket, PressDismiss: ofTicket, PressRemindSend: ofTicket, PressRemindNot: ofTicket, PressStill: ofTicket,
	PressSend: ofDraft, PressSubject: ofDraft, PressDrop: ofDraft, PressResume: ofDraft, PressFresh: ofDraft, PressTo: ofDraft,
	PressToClosed: ofDraft, PressJoin: ofDraft, PressOther: ofDraft, PressAstray: ofDraft, PressCorrect: ofDraft,
	PressRetry: ofSubmission, PressCancel: ofSubmission, PressState: ofSubmission, PressAfresh: ofSubmission,
	PressAdmit: ofAccess, PressDeny: ofAccess, PressPerson: ofAccess, PressOwner: ofAccess, PressUnowner: ofAccess, PressRemove: ofAccess,
	PressRevoke: ofAccess, PressAdopt: ofAccess, PressErase: ofAccess, PressGroup: ofAccess, PressUngroup: ofAccess,
	PressInvitation: ofAccess, PressWithdraw: ofAccess, PressUsers: ofAccess, PressAudit: ofAccess, PressAuditFile: ofAccess,
	PressFollow: ofScreen, PressUnfollow: ofScreen, PressShow: ofScreen, PressUndraft: ofScreen, PressUnsend: ofScreen, PressTickets: ofScreen, PressSettings: ofScreen, PressAsk: ofNothing,
	PressStatsFile: ofNothing, PressResend: ofNothing,
	PressFound: ofScreen, PressColleague: ofTicket, PressResolve: ofTicket,
}

// Actions returns all actions.
func Actions() []Action { return slices.Sorted(maps.Keys(actions)) }

// Press is the data of a button: an action with the number it is about, and for some a
// second and a third one. It is at most 64 bytes and self-contained, so that a button works
// however old it is.
type Press struct {
	Action Action
	Ticket state.TicketID // the number, if it is a ticket's
	ID     int64          // the number
	Page   int
	Part   int // only with a post
}

// ofTicket reports whether the number is that of the ticket that the message is about.
func (p Press) ofTicket() bool { return actions[p.Action] == ofTicket }

// namesTicket reports whether the number is a ticket's at all.
func (p Press) namesTicket() bool {
	return p.ofTicket() || p.Action == PressFollow || p.Action == PressUnfollow || p.Action == PressShow
}

// ofDraft reports whether the number is a draft's and the message its card.
func (p Press) ofDraft() bool { return actions[p.Action] == ofDraft }

// OfOwners reports whether the action is for owners only.
func (p Press) OfOwners() bool { return actions[p.Action] == ofAccess }

// ofSubmission reports whether the number is a submission's.
func (p Press) ofSubmission() bool { return actions[p.Action] == ofSubmission }

// Data encodes a button's data.
func Data[ID ~int64 | ~int](a Action, id ID, more ...int64) string {
	data := string(a) + ":" + strconv.FormatInt(int64(id), 10)
	for _, n := range more {
		data += ":" + strconv.FormatInt(n, 10)
	}
	return data
}

// ParsePress decodes a button's data; false if it was not made by Data. Unknown actions are
// rejected when they are carried out.
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

// SoundButton returns [Без звука] or its opposite, according to the chat's binding.
func (t *Turn) SoundButton(s SpeakerTexts, chat state.ChatID, id state.TicketID) (telegram.Button, error) {
	b, err := t.Tx.Binding(chat, id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return telegram.Button{}, err
	}
	return MuteButton(s, b.Muted, id), nil
}

// MuteButton is SoundButton with a known state.
func MuteButton(s SpeakerTexts, muted bool, id state.TicketID) telegram.Button {
	if muted {
		return Button(s.T("button_sound"), Data(PressSound, id))
	}
	return Button(s.T("button_mute"), Data(PressMute, id))
}

// Pager returns a row of buttons for the neighbouring pages. The middle button shows the
// position and refreshes the page.
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

// TicketLink returns a link that shows a ticket to anyone with access; "" until the bot's
// name is known.
func (t *Turn) TicketLink(id state.TicketID) string {
	if t.BotName == "" {
		return ""
	}
	return "https://t.me/" + t.BotName + "?start=" + TicketPayload + TicketNumber(id)
}

// TicketPayload is the prefix of such a link's payload.
const TicketPayload = "t_"

// GroupPayload is the payload of the link that adds the bot to a group.
const GroupPayload = "added"

// AddToGroup returns a button, for private chats, that adds the bot to a group with the
// rights it can use there.
func (t *Turn) AddToGroup(c state.ChatID, s texts.Texts) [][]telegram.Button {
	if t.BotName == "" || telegram.ChatID(c).IsGroup() {
		return nil
	}
	link := "https://t.me/" + t.BotName + "?startgroup=" + GroupPayload + "&admin=manage_topics+pin_messages"
	return [][]telegram.Button{{{Text: s.T("button_add_to_group"), URL: link}}}
}

// styles are the colours of buttons that must not be mistaken for others: those that send,
// those that drop or revoke, those that answer.
var styles = map[Action]telegram.Style{
	PressSend: telegram.Success, PressRemindSend: telegram.Success, PressCorrect: telegram.Success, PressRetry: telegram.Success, PressAdmit: telegram.Success,
	PressDrop: telegram.Danger, PressCancel: telegram.Danger, PressRemove: telegram.Danger, PressRevoke: telegram.Danger, PressErase: telegram.Danger,
	PressUngroup: telegram.Danger, PressWithdraw: telegram.Danger, PressUnowner: telegram.Danger, PressDeny: telegram.Danger,
	PressUndraft: telegram.Danger, PressUnsend: telegram.Danger,
	PressAnswer: telegram.Primary, PressStill: telegram.Primary,
}

// Button returns a button with a text and data.
func Button(text, data string) telegram.Button {
	action, _, _ := strings.Cut(data, ":")
	return telegram.Button{Text: text, Data: data, Style: styles[Action(action)]}
}
