package submission

import (
	"strconv"

	"plusofon-bot/state"
)

// The actions on a draft; its number follows.
const (
	PressSubject = "subject"
)

func draftPress(action string, id state.DraftID) string {
	return action + ":" + strconv.FormatInt(int64(id), 10)
}
