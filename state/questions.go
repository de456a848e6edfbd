package state

import "time"

// Question is a message of the bot's in a group that asks somebody for something.
type Question struct {
	Chat    ChatID
	Message MessageID
}

// ended tells of a question that nobody is asked any more: what it asks for is in nobody's
// hand now, ?1.
const ended = `NOT EXISTS (SELECT 1 FROM in_hand
	WHERE in_hand.chat_id = questions.chat_id AND in_hand.message_id = questions.message_id AND (until_at = 0 OR until_at >= ?1))`

// AddQuestion notes a question that is to be deleted once it is answered or ended.
func (tx *Tx) AddQuestion(q Question) error {
	return tx.run("add question", `INSERT INTO questions (chat_id, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, q.Chat, q.Message)
}

// DropQuestion forgets a question.
func (tx *Tx) DropQuestion(q Question) error {
	return tx.run("drop question", `DELETE FROM questions WHERE chat_id = ? AND message_id = ?`, q.Chat, q.Message)
}

func scanQuestion(r scanner) (q Question, err error) {
	err = r.Scan(&q.Chat, &q.Message)
	return q, err
}

// EndedQuestionsIn lists the questions of a group that are answered or ended.
func (tx *Tx) EndedQuestionsIn(c ChatID, now time.Time) ([]Question, error) {
	return all(tx, "ended questions of a chat", scanQuestion, `SELECT chat_id, message_id FROM questions WHERE chat_id = ?2 AND `+ended, millis(now), c)
}

// EndedQuestions lists n of those of all groups.
func (tx *Tx) EndedQuestions(now time.Time, n int) ([]Question, error) {
	return all(tx, "ended questions", scanQuestion, `SELECT chat_id, message_id FROM questions WHERE `+ended+` LIMIT ?2`, millis(now), n)
}
