package chat

import (
	"fmt"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// ChatLane carries messages to a chat.
func ChatLane(c state.ChatID) string { return fmt.Sprintf("chat:%d", c) }

// TicketLane carries answers to a ticket.
func TicketLane(id state.TicketID) string { return fmt.Sprintf("ticket:%d", id) }

// LeaveLane carries the last message to a group that the bot leaves, and the leaving.
func LeaveLane(c state.ChatID) string { return fmt.Sprintf("leave:%d", c) }

// downLanes is the prefix of the lanes that carry files to a chat.
func downLanes(c state.ChatID) string { return fmt.Sprintf("down:%d:", c) }

// DownLane carries a ticket's files to a chat, so that they don't delay messages.
func DownLane(c state.ChatID, id state.TicketID) string {
	return fmt.Sprintf("%s%d", downLanes(c), id)
}

// AsideLane is for a file of DownLane that can't be fetched, so that it doesn't delay others.
func AsideLane(c state.ChatID, id state.TicketID, row state.RowID) string {
	return fmt.Sprintf("%s:%d", DownLane(c, id), row)
}

// ornamentLanes is the prefix of the lanes of ornaments: a reaction, a pin, a topic's name.
// Each has its own lane and delays nothing.
func ornamentLanes(c state.ChatID) string { return fmt.Sprintf("ornament:%d:", c) }

// OrnamentLane carries the ornaments of one thing.
func OrnamentLane(c state.ChatID, thing string) string { return ornamentLanes(c) + thing }

// ClosedLanes is the prefix of the lanes of rows for chats that can't be written to.
const ClosedLanes = "closed:"

func closedLanes(c state.ChatID) string { return fmt.Sprintf("%s%d:", ClosedLanes, c) }

// ClosedLane holds rows until a closure of their chat is over. Only its head is tried, now and
// then, to find out.
func ClosedLane(c state.ChatID, closure telegram.Closure) string {
	return closedLanes(c) + string(closure)
}

// AgainLane carries revived rows: their lane has moved on and is not delayed by them.
func AgainLane(c state.ChatID) string { return fmt.Sprintf("again:%d", c) }

// FilesLane carries a submission's files to its post.
func FilesLane(id state.SubmissionID) string { return fmt.Sprintf("files:%d", id) }

// fetchLane carries the reading of a ticket for people waiting in a chat, one lane each, so
// that one that hangs delays no other.
func fetchLane(c state.ChatID, id state.TicketID) string { return fmt.Sprintf("fetch:%d:%d", c, id) }

// LanesOf lists the lanes that carry something to a chat, including parked rows.
func (t *Turn) LanesOf(c state.ChatID) ([]string, error) {
	lanes := []string{ChatLane(c), AgainLane(c)}
	for _, prefix := range []string{downLanes(c), ornamentLanes(c), closedLanes(c)} {
		more, err := t.Tx.LanesFrom(state.Telegram, prefix)
		if err != nil {
			return nil, err
		}
		lanes = append(lanes, more...)
	}
	return lanes, nil
}

// ParkedIn counts the parked rows of a chat.
func (t *Turn) ParkedIn(c state.ChatID) (int, error) {
	lanes, err := t.LanesOf(c)
	all := 0
	for _, lane := range lanes {
		n, failure := t.Tx.CountParked(state.Telegram, lane)
		if failure != nil {
			return 0, failure
		}
		all += n
	}
	return all, err
}
