package submission

import (
	"fmt"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// The bot's own questions in a group are of use to nobody once they are answered or ended:
// they are deleted then. In private they stay, as part of what one has said.

// Asked notes the message of a question in a group.
func Asked(t *chat.Turn, c state.ChatID, m state.MessageID) error {
	if !telegram.ChatID(c).IsGroup() {
		return nil
	}
	return t.Tx.AddQuestion(state.Question{Chat: c, Message: m})
}

// ClearQuestions deletes the questions of a group that nobody is asked any more.
func ClearQuestions(t *chat.Turn, c state.ChatID) error {
	if !telegram.ChatID(c).IsGroup() {
		return nil
	}
	over, err := t.Tx.EndedQuestionsIn(c, t.Now)
	if err != nil {
		return err
	}
	return clearQuestions(t, over)
}

func clearQuestions(t *chat.Turn, over []state.Question) error {
	for _, q := range over {
		if err := t.Tx.DropQuestion(q); err != nil {
			return err
		}
		if err := deleteQuestion(t, q, 0); err != nil {
			return err
		}
	}
	return nil
}

// deleteQuestion deletes a question; of is the submission that it is about, whose receipt
// it becomes where it can't be deleted.
func deleteQuestion(t *chat.Turn, q state.Question, of state.SubmissionID) error {
	return t.Request(telegram.DeleteMessage{ChatID: telegram.ChatID(q.Chat), MessageID: telegram.MessageID(q.Message)},
		chat.TelegramRow{Place: chat.InChat(q.Chat), Meaning: chat.Meaning{Receipt: of}},
		chat.OrnamentLane(q.Chat, fmt.Sprintf("question:%d", q.Message)), state.PriorityNews, "")
}

// settleHeld ends the question whether a submission that was in a state is to go, once its
// person has answered: where reactions tell the rest, the question is deleted.
func settleHeld(t *chat.Turn, was state.SubmissionState, sub *state.Submission) error {
	if was != state.SubmissionHeld || sub.Receipt == 0 || !telegram.ChatID(sub.Chat).IsGroup() {
		return nil
	}
	if words, err := needsWords(t, sub.Chat); err != nil || words {
		return err
	}
	q := state.Question{Chat: sub.Chat, Message: sub.Receipt}
	sub.Receipt = 0
	return deleteQuestion(t, q, sub.ID)
}

// QuestionStays notes that a question could not be deleted: where it was about a
// submission it says in a line what has become of that.
func QuestionStays(t *chat.Turn, id state.SubmissionID, m state.MessageID) error {
	sub, err := t.Tx.Submission(id)
	if err != nil || sub.Receipt != 0 {
		return chat.IgnoreAbsent(err)
	}
	sub.Receipt = m
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return err
	}
	return Progress(t, sub, false)
}
