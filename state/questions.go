package state

import "time"

// Question is a message of the bot's in a group that asks someone for something.
type Question struct {
	Chat    ChatID
	Message MessageID
}

// questionEnded matches questions that are answered or expired at ?1: what they ask for is no
// longer in anyone's hand.
const questionEnded = `NOT EXISTS (SELECT 1 FROM in_hand
	WHERE in_hand.chat_id = questions.chat_id AND in_hand.message_id = questions.message_id AND (until_at = 0 OR until_at >= +?1))`

// AddQuestion records a question to delete once it is answered or expired.
func (tx *Tx) AddQuestion(q Question) error {
	return tx.run("add question", `INSERT INTO questions (chat_id, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, q.Chat, q.Message)
}

// DropQuestion forgets a question.
func (tx *Tx) DropQuestion(q Question) error {
	return tx.run("drop question", `DELETE FROM questions WHERE chat_id = +? AND message_id = +?`, q.Chat, q.Message)
}

func scanQuestion(r scanner) (q Question, err error) {
	err = r.Scan(&q.Chat, &q.Message)
	return q, err
}

// EndedQuestionsIn lists the answered or expired questions of a group.
func (tx *Tx) EndedQuestionsIn(c ChatID, now time.Time) ([]Question, error) {
	return all(tx, "ended questions of a chat", scanQuestion, `SELECT chat_id, message_id FROM questions WHERE chat_id = +?2 AND `+questionEnded, millis(now), c)
}

// EndedQuestions lists at most n of those of all groups.
func (tx *Tx) EndedQuestions(now time.Time, n int) ([]Question, error) {
	return all(tx, "ended questions", scanQuestion, `SELECT chat_id, message_id FROM questions WHERE `+questionEnded+` LIMIT +?2`, millis(now), n)
}
