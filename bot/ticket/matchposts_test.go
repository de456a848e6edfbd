package ticket

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Which post is whose, from plain values: each case names the submissions in flight
// and the post that each of them gets.
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
	for _, c := range []struct {
		name     string
		posts    []plusofon.Post
		known    []state.Post
		inFlight []state.Submission
		effect   *effect
		want     string // post=submission, by post
	}{
		{"nothing in flight", []plusofon.Post{post(1, "Текст", me)}, nil, nil, nil, ""},
		{"its words", []plusofon.Post{post(1, "Вопрос", me), post(2, "Ответ", me)}, nil, []state.Submission{answer(5, "Ответ", 1)}, nil, "2=5"},
		{"known when it was sent", []plusofon.Post{post(2, "Ответ", me)}, nil, []state.Submission{answer(5, "Ответ", 2)}, nil, ""},
		{"the staff's, however equal", []plusofon.Post{post(1, "Вопрос", me), post(2, "Ответ", staff)}, nil, []state.Submission{answer(5, "Ответ", 1)}, nil, ""},
		{
			"another submission's already", []plusofon.Post{post(2, "Ау", me)}, []state.Post{{ID: 2, Submission: 4, AuthorID: "1", AuthorName: me.Name}},
			[]state.Submission{answer(5, "Ау", 1)}, nil, "",
		},
		{"equal words, the older first", []plusofon.Post{post(2, "Ау", me), post(3, "Ау", me)}, nil, []state.Submission{answer(5, "Ау", 1), answer(6, "Ау", 1)}, nil, "2=5 3=6"},
		{"a doubtful one stands back", []plusofon.Post{post(2, "Ау", me)}, nil, []state.Submission{doubtful(answer(5, "Ау", 1)), answer(6, "Ау", 1)}, nil, "2=6"},
		{"the one it was read for goes first", []plusofon.Post{post(2, "Ау", me)}, nil, []state.Submission{answer(5, "Ау", 1), answer(6, "Ау", 1)}, &effect{answer(6, "Ау", 1), false}, "2=6"},
		{
			"success in other words takes the newest that is not the staff's", []plusofon.Post{post(1, "Вопрос", me), post(2, "[удалено]", me), post(3, "Ответ", staff)},
			nil, nil, &effect{answer(5, "Ответ", 1), true}, "2=5",
		},
		{"without success they are nobody's", []plusofon.Post{post(1, "Вопрос", me), post(2, "[удалено]", me)}, nil, nil, &effect{answer(5, "Ответ", 1), false}, ""},
		{"an opening takes the first post", []plusofon.Post{post(1, "Текст", me), post(2, "Текст", me)}, nil, []state.Submission{opening(5, "Тема", "Текст", 6)}, nil, "1=5"},
		{"of a ticket known before it does not", []plusofon.Post{post(1, "Текст", me)}, nil, []state.Submission{opening(5, "Тема", "Текст", 7)}, nil, ""},
		{"nor of another subject", []plusofon.Post{post(1, "Текст", me)}, nil, []state.Submission{opening(5, "Другая", "Текст", 6)}, nil, ""},
		{
			"what waited for the opening's ticket follows it", []plusofon.Post{post(1, "Текст", me), post(2, "Ещё", me)}, nil,
			[]state.Submission{{ID: 6, Kind: state.Answer, Opening: 5, Text: "Ещё", State: state.SubmissionSending}, opening(5, "Тема", "Текст", 6)}, nil, "1=5 2=6",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			known := map[state.PostID]state.Post{}
			for _, p := range c.known {
				known[p.ID] = p
			}
			taken := matchPosts(matchInput{
				ticket: plusofon.Ticket{ID: 7, Subject: "Тема", Posts: c.posts}, known: known, account: me.Name, inFlight: c.inFlight, effect: c.effect,
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
