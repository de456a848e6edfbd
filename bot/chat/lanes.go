package chat

import (
	"fmt"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// ChatLane carries what is said in a chat.
func ChatLane(c state.ChatID) string { return fmt.Sprintf("chat:%d", c) }

// TicketLane carries answers to a ticket.
func TicketLane(id state.TicketID) string { return fmt.Sprintf("ticket:%d", id) }

// LeaveLane carries the last words in a group that the bot leaves, and the leaving.
func LeaveLane(c state.ChatID) string { return fmt.Sprintf("leave:%d", c) }

// downLanes begins the names of the lanes that carry files down to a chat.
func downLanes(c state.ChatID) string { return fmt.Sprintf("down:%d:", c) }

// DownLane carries a ticket's files down to a chat: none of them holds up words.
func DownLane(c state.ChatID, id state.TicketID) string {
	return fmt.Sprintf("%s%d", downLanes(c), id)
}

// AsideLane is for a file of DownLane that can't be had: it holds up no other.
func AsideLane(c state.ChatID, id state.TicketID, row state.RowID) string {
	return fmt.Sprintf("%s:%d", DownLane(c, id), row)
}

// ornamentLanes begins the names of the lanes of what only adorns: a reaction, a pin, a
// topic's name. Each has one of its own and holds up nothing.
func ornamentLanes(c state.ChatID) string { return fmt.Sprintf("ornament:%d:", c) }

// OrnamentLane carries what only adorns a thing.
func OrnamentLane(c state.ChatID, thing string) string { return ornamentLanes(c) + thing }

// ClosedLanes begins the names of the lanes in which waits what is for a chat that can't
// be written to; without a chat, for any.
const ClosedLanes = "closed:"

func closedLanes(c state.ChatID) string { return fmt.Sprintf("%s%d:", ClosedLanes, c) }

// ClosedLane is where rows wait until a closure of their chat is over. Its head alone is
// tried now and then, to see whether it is.
func ClosedLane(c state.ChatID, closure telegram.Closure) string {
	return closedLanes(c) + string(closure)
}

// AgainLane carries what was parked and goes again: its lane has gone on without it, and is
// not held up by it now.
func AgainLane(c state.ChatID) string { return fmt.Sprintf("again:%d", c) }

// FilesLane carries a submission's files up to its post.
func FilesLane(id state.SubmissionID) string { return fmt.Sprintf("files:%d", id) }

// fetchLane carries the reading of a ticket for those who wait in a chat: one that hangs holds
// up no other.
func fetchLane(c state.ChatID, id state.TicketID) string { return fmt.Sprintf("fetch:%d:%d", c, id) }

// LanesOf lists the lanes that carry something to a chat, what was parked included.
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

// ParkedIn counts what was given up of what is for a chat.
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
