package ticket

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Which post belongs to which submission, from plain values: each case names the submissions
// in flight and the post that each of them matches.
func TestMatchPosts(t *testing.T) {
	me, staff := plusofon.Author{ID: "1", Name: "me@example.com"}, plusofon.Author{ID: "9", Name: "Ольга"}
	post := func(id plusofon.PostID, text string, by plusofon.Author) plusofon.Post {
		return plusofon.Post{ID: id, Text: text, Author: by}
	}
	answer := func(id state.SubmissionID, text string, after int64) state.Submission {
		return state.Submission{ID: id, Kind: state.Answer, Ticket: 7, Text: text, After: after, State: state.SubmissionUnknown}
	}
	opening := func(id state.SubmissionID, subject, text string, after int64) state.Submission {
		return state.Submission{ID: id, Kind: state.Opening, Subject: subject, Text: text, After: after, State: state.SubmissionUnknown}
	}
	doubtful := func(s state.Submission) state.Submission {
		s.State = state.SubmissionDoubtful
		return s
	}
	repeated := func(s state.Submission) state.Submission {
		s.State, s.Doubted = state.SubmissionQueued, true
		return s
	}
	for _, c := range []struct {
		name     string
		posts    []plusofon.Post
		known    []state.Post
		inFlight []state.Submission
		effect   *effect
		want     string // post=submission, by post
		fresh    bool   // the ticket was not known before
	}{
		{"nothing in flight", []plusofon.Post{post(1, "Текст", me)}, nil, nil, nil, "", false},
		{"its words", []plusofon.Post{post(1, "Вопрос", me), post(2, "Ответ", me)}, nil, []state.Submission{answer(5, "Ответ", 1)}, nil, "2=5", false},
		{"known when it was sent", []plusofon.Post{post(2, "Ответ", me)}, []state.Post{{ID: 2, Side: state.Customer, AuthorID: "1", AuthorName: me.Name}}, []state.Submission{answer(5, "Ответ", 2)}, nil, "", false},
		{"its id is below one that was known", []plusofon.Post{post(2, "Ответ", me), post(1<<50, "Вопрос", me)}, []state.Post{{ID: 1 << 50}}, []state.Submission{answer(5, "Ответ", 1<<50)}, nil, "2=5", false},
		{"the help desk changed the signs", []plusofon.Post{post(2, "Ответ \ue595", me)}, nil, []state.Submission{answer(5, "Ответ ❤", 1)}, nil, "2=5", false},
		{"letters alone are the same", []plusofon.Post{post(2, "Ответ - да", me)}, nil, []state.Submission{answer(5, "Ответ – да!", 1)}, nil, "2=5", false},
		{"of two in freer readings neither", []plusofon.Post{post(2, "Ответ, да", me), post(3, "Ответ. Да", me), post(4, "Ответ; да", me)}, nil, []state.Submission{answer(5, "Ответ да", 1)}, nil, "", false},
		{"as it was sent goes before freer readings", []plusofon.Post{post(2, "Ответ!", me), post(3, "Ответ", me)}, nil, []state.Submission{answer(5, "Ответ", 1)}, nil, "3=5", false},
		{"a freer reading takes nothing that is another's as sent", []plusofon.Post{post(2, "Да!", me)}, nil, []state.Submission{answer(5, "Да", 1), answer(6, "Да!", 1)}, nil, "2=6", false},
		{"without a word the newest", []plusofon.Post{post(2, "...", me), post(3, "", me), post(4, "слова", me)}, nil, []state.Submission{answer(5, "🙂", 1)}, nil, "3=5", false},
		{"flagged as the staff's", []plusofon.Post{{ID: 2, Text: "Ответ", Creator: plusofon.CreatorStaff}}, nil, []state.Submission{answer(5, "Ответ", 1)}, nil, "", false},
		{"flagged as a user's", []plusofon.Post{{ID: 2, Text: "Ответ", Creator: plusofon.CreatorUser}}, nil, []state.Submission{answer(5, "Ответ", 1)}, nil, "2=5", false},
		{"the account by its e-mail apart", []plusofon.Post{{ID: 2, Text: "Ответ", Author: plusofon.Author{ID: "1", Name: "Иван"}, Email: me.Name}, post(3, "Ответ", staff)}, nil, []state.Submission{answer(5, "Ответ", 1)}, nil, "2=5", false},
		{
			"success takes its words before the newest", []plusofon.Post{post(1, "Вопрос", me), post(2, "Ответ", me), post(3, "Ещё", me)}, []state.Post{{ID: 1}},
			nil, &effect{sub: answer(5, "Ответ!", 1), certain: true}, "2=5", false,
		},
		{"success takes the ticket that it names", []plusofon.Post{post(1, "ТЕКСТ", staff), post(2, "Ещё", me)}, nil, nil, &effect{sub: opening(5, "Другая", "Текст", 9), certain: true}, "1=5", false},
		{"the staff's, however equal", []plusofon.Post{post(1, "Вопрос", me), post(2, "Ответ", staff)}, nil, []state.Submission{answer(5, "Ответ", 1)}, nil, "", false},
		{
			"another submission's already", []plusofon.Post{post(2, "Ау", me)}, []state.Post{{ID: 2, Submission: 4, AuthorID: "1", AuthorName: me.Name}},
			[]state.Submission{answer(5, "Ау", 1)}, nil, "", false,
		},
		{"equal words, the older first", []plusofon.Post{post(2, "Ау", me), post(3, "Ау", me)}, nil, []state.Submission{answer(5, "Ау", 1), answer(6, "Ау", 1)}, nil, "2=5 3=6", false},
		{"a doubtful one stands back", []plusofon.Post{post(2, "Ау", me)}, nil, []state.Submission{doubtful(answer(5, "Ау", 1)), answer(6, "Ау", 1)}, nil, "2=6", false},
		{"so does one that waits to be sent again", []plusofon.Post{post(2, "Ау", me)}, nil, []state.Submission{repeated(answer(5, "Ау", 1)), answer(6, "Ау", 1)}, nil, "2=6", false},
		{"which it else may be", []plusofon.Post{post(2, "Ау", me)}, nil, []state.Submission{repeated(answer(5, "Ау", 1))}, nil, "2=5", false},
		{"the one it was read for goes first", []plusofon.Post{post(2, "Ау", me)}, nil, []state.Submission{answer(5, "Ау", 1), answer(6, "Ау", 1)}, &effect{sub: answer(6, "Ау", 1), certain: false}, "2=6", false},
		{
			"success in other words takes the newest that is not the staff's", []plusofon.Post{post(1, "Вопрос", me), post(2, "[удалено]", me), post(3, "Ответ", staff)},
			nil, nil, &effect{sub: answer(5, "Ответ", 1), certain: true}, "2=5", false,
		},
		{
			"nothing of one that succeeded is there, and the staff says another's words", []plusofon.Post{post(1, "Вопрос", me), post(2, "Да", plusofon.Author{ID: "8", Name: "Пётр"})},
			[]state.Post{{ID: 1, Side: state.Customer, Submission: 4, AuthorID: "1", AuthorName: me.Name}},
			[]state.Submission{doubtful(answer(6, "Да", 1))}, &effect{sub: answer(5, "Ответ", 1), certain: true}, "", false,
		},
		{"without success they are nobody's", []plusofon.Post{post(1, "Вопрос", me), post(2, "[удалено]", me)}, nil, nil, &effect{sub: answer(5, "Ответ", 1), certain: false}, "", false},
		{"an opening takes the first post", []plusofon.Post{post(1, "Текст", me), post(2, "Текст", me)}, nil, []state.Submission{opening(5, "Тема", "Текст", 6)}, nil, "1=5", false},
		{"of a ticket known before it does not", []plusofon.Post{post(1, "Текст", me)}, nil, []state.Submission{opening(5, "Тема", "Текст", 7)}, nil, "", false},
		{"of one that was not known, though numbered below it, it does", []plusofon.Post{post(1, "Текст", me)}, nil, []state.Submission{opening(5, "Тема", "Текст", 1<<50)}, nil, "1=5", true},
		{"nor of another subject", []plusofon.Post{post(1, "Текст", me)}, nil, []state.Submission{opening(5, "Другая", "Текст", 6)}, nil, "", false},
		{
			"what waited for the opening's ticket follows it", []plusofon.Post{post(1, "Текст", me), post(2, "Ещё", me)}, nil,
			[]state.Submission{{ID: 6, Kind: state.Answer, Opening: 5, Text: "Ещё", State: state.SubmissionSending}, opening(5, "Тема", "Текст", 6)}, nil, "1=5 2=6", false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			known := map[state.PostID]state.Post{}
			for _, p := range c.known {
				known[p.ID] = p
			}
			taken := matchPosts(matchInput{
				ticket: plusofon.Ticket{ID: 7, Subject: "Тема", Posts: c.posts}, known: known, account: me.Name, inFlight: c.inFlight, effect: c.effect, fresh: c.fresh,
			})
			var got []string
			for id, sub := range taken {
				got = append(got, fmt.Sprintf("%d=%d", id, sub.ID))
			}
			slices.Sort(got)
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}
