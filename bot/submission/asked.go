package submission

import (
	"fmt"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// In a group the bot's own questions are useless once they are answered or over, and are
// deleted. In a private chat they stay as part of the conversation.

// Asked records the message of a question in a group.
func Asked(t *chat.Turn, c state.ChatID, m state.MessageID) error {
	if !telegram.ChatID(c).IsGroup() {
		return nil
	}
	return t.Tx.AddQuestion(state.Question{Chat: c, Message: m})
}

// ClearQuestions deletes a group's questions that are no longer waiting for an answer.
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

// deleteQuestion deletes a question. of is the submission it is about: if the question
// can't be deleted it becomes that submission's receipt.
func deleteQuestion(t *chat.Turn, q state.Question, of state.SubmissionID) error {
	return t.Request(telegram.DeleteMessage{ChatID: telegram.ChatID(q.Chat), MessageID: telegram.MessageID(q.Message)},
		chat.TelegramRow{Place: chat.InChat(q.Chat), Meaning: chat.Meaning{Receipt: of}},
		chat.OrnamentLane(q.Chat, fmt.Sprintf("question:%d", q.Message)), state.PriorityNews, "")
}

// settleHeld ends the question whether to send a held submission once its author has
// answered. was is the submission's state before. If reactions show the rest, the question
// is deleted.
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

// QuestionStays handles a question that could not be deleted: if it was about a
// submission it is edited to say what became of that.
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
