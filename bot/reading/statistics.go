package reading

import (
	"bytes"
	"encoding/csv"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/state"
)

// weeksShown is how many weeks the statistics cover, including the current one: three months.
const weeksShown = 13

// Statistics is how fast the staff has answered. Times are calendar times, including nights and
// weekends, so that nobody can dispute them.
type Statistics struct {
	locale  chat.Locale
	now     time.Time
	from    time.Time // the Monday of the first week
	known   time.Time // since when the bot has seen all answers; zero: not yet
	answers []answer
	open    int
	waits   []waiting
}

// answer is a post of the staff's that ends a customer's wait.
type answer struct {
	ticket    state.TicketID
	asked, at time.Time
	first     bool // in its ticket
}

func (a answer) took() time.Duration { return max(0, a.at.Sub(a.asked)) }

// waiting is an open ticket in which the customer wrote last.
type waiting struct {
	ticket state.TicketID
	since  time.Time
}

// NewStatistics starts the statistics for a chat. They exclude the time before the bot
// first saw the list of tickets: of that time it knows only tickets that someone looked up.
func NewStatistics(t *chat.Turn, c state.ChatID) (*Statistics, error) {
	r, err := t.Locale(c)
	if err != nil {
		return nil, err
	}
	known, err := ticket.KnownSince(t)
	if err != nil {
		return nil, err
	}
	y, m, d := t.Now.In(r.Zone).Date()
	monday := d - (int(t.Now.In(r.Zone).Weekday())+6)%7
	from := time.Date(y, m, monday-7*(weeksShown-1), 0, 0, 0, 0, r.Zone)
	return &Statistics{locale: r, now: t.Now, from: from, known: known}, nil
}

const (
	ticketsCounted = 100  // per transaction
	postsCounted   = 1000 // per transaction, and up to one ticket's more
)

// Gather counts the next tickets after one, as many as fit in a short transaction, and returns the
// last; 0: there are no more.
func (s *Statistics) Gather(t *chat.Turn, after state.TicketID) (state.TicketID, error) {
	tickets, err := t.Tx.NextTickets(after, ticketsCounted)
	if err != nil || len(tickets) == 0 {
		return 0, err
	}
	posts := 0
	for _, ticket := range tickets {
		after = ticket.ID
		if !ticket.Open && ticket.LastActivity.Before(s.since()) {
			continue
		}
		times, err := t.Tx.PostTimes(ticket.ID)
		if err != nil {
			return 0, err
		}
		s.add(ticket, times)
		if posts += len(times); posts > postsCounted {
			break
		}
	}
	return after, nil
}

// since is the start of the covered time.
func (s *Statistics) since() time.Time {
	if s.known.After(s.from) {
		return s.known
	}
	return s.from
}

// add counts a ticket. A customer's wait starts with their first unanswered post: asking again does
// not restart it.
func (s *Statistics) add(ticket state.Ticket, posts []state.PostTime) {
	var asked time.Time
	first := len(posts) > 0 && posts[0].Side == state.Customer
	for _, p := range posts {
		switch {
		case p.Posted.IsZero():
		case p.Side == state.Customer && asked.IsZero():
			asked = p.Posted
		case p.Side == state.Staff && !asked.IsZero():
			if !s.known.IsZero() && !p.Posted.Before(s.since()) {
				s.answers = append(s.answers, answer{ticket.ID, asked, p.Posted, first})
			}
			asked, first = time.Time{}, false
		}
	}
	if !ticket.Open {
		return
	}
	s.open++
	if len(posts) == 0 && ticket.LastSide == state.Customer {
		asked = ticket.LastActivity // never read; according to the list
	}
	if asked.IsZero() {
		return
	}
	s.waits = append(s.waits, waiting{ticket.ID, asked})
}

// longest returns the longest wait; false if nobody waits.
func (s *Statistics) longest() (waiting, bool) {
	if len(s.waits) == 0 {
		return waiting{}, false
	}
	return slices.MinFunc(s.waits, func(a, b waiting) int { return a.since.Compare(b.since) }), true
}

// pace is the median and the 90th percentile of n answers.
type pace struct {
	n           int
	median, p90 time.Duration
}

func paceOf(answers []answer) pace {
	took := make([]time.Duration, len(answers))
	for i, a := range answers {
		took[i] = a.took()
	}
	slices.Sort(took)
	return pace{len(took), quantile(took, 0.5), quantile(took, 0.9)}
}

// quantile interpolates as spreadsheets do (PERCENTILE), so that whoever checks the numbers
// gets the same.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + time.Duration((at-float64(below))*float64(sorted[above]-sorted[below]))
}

func (s *Statistics) firstAnswers() []answer {
	return slices.DeleteFunc(slices.Clone(s.answers), func(a answer) bool { return !a.first })
}

// week is the answers given in a week.
type week struct {
	begins time.Time
	pace   pace
}

func (s *Statistics) weeks() []week {
	// By calendar: a week with a clock change is not a multiple of 24 hours.
	begins := func(i int) time.Time { return s.from.AddDate(0, 0, 7*i) }
	in := make([][]answer, weeksShown)
	for _, a := range s.answers {
		i := sort.Search(weeksShown-1, func(i int) bool { return a.at.Before(begins(i + 1)) })
		in[i] = append(in[i], a)
	}
	weeks := make([]week, weeksShown)
	for i := range weeks {
		weeks[i] = week{begins(i), paceOf(in[i])}
	}
	return weeks
}

// formatSpan formats a duration, precisely enough for a letter.
func formatSpan(s chat.SpeakerTexts, d time.Duration) string {
	minutes := max(1, int(math.Round(d.Minutes())))
	days, hours := minutes/(24*60), minutes/60%24
	minutes %= 60
	if days > 0 {
		minutes = 0
	}
	return strings.TrimSpace(s.T("span", "Days", days, "Hours", hours, "Minutes", minutes))
}

// Caption is the caption of a row's file: the picture's content in words.
func (s *Statistics) Caption(ref chat.AttachmentRef) string {
	if ref.Stats == statsTable {
		return ""
	}
	return s.words()
}

func (s *Statistics) words() string {
	r := s.locale
	day := func(at time.Time) string { return at.In(r.Zone).Format(dateOnly) }
	lines := []string{r.T("stats_period", "From", day(s.since()), "To", day(s.now))}
	if all := paceOf(s.answers); all.n > 0 {
		lines = append(lines, r.T("stats_all", "N", all.n, "Median", formatSpan(r, all.median), "P90", formatSpan(r, all.p90)))
	} else {
		lines = append(lines, r.T("stats_none"))
	}
	if first := paceOf(s.firstAnswers()); first.n > 0 {
		lines = append(lines, r.T("stats_first", "N", first.n, "Median", formatSpan(r, first.median), "P90", formatSpan(r, first.p90)))
	}
	lines = append(lines, r.T("stats_open", "Open", s.open, "Waiting", len(s.waits)))
	if w, ok := s.longest(); ok {
		lines = append(lines, r.T("stats_longest", "Ticket", chat.TicketName(w.ticket), "Wait", formatSpan(r, s.now.Sub(w.since))))
	}
	if s.known.After(s.from) {
		lines = append(lines, r.T("stats_known", "Date", day(s.known)))
	}
	return strings.Join(lines, "\n")
}

// table returns the statistics as CSV: a line for each answer, and for each ticket waiting for one.
func (s *Statistics) table() ([]byte, error) {
	r := s.locale
	moment := func(at time.Time) string { return at.In(r.Zone).Format(time.DateTime) }
	minutes := func(d time.Duration) string { return strconv.Itoa(int(max(0, d.Minutes()))) }
	lines := [][]string{strings.Split(r.T("stats_titles"), ",")}
	for _, a := range s.answers {
		lines = append(lines, []string{chat.TicketNumber(a.ticket), moment(a.asked), moment(a.at), minutes(a.took()), r.T(chat.Either(a.first, "yes", "no"))})
	}
	for _, w := range s.waits {
		lines = append(lines, []string{chat.TicketNumber(w.ticket), moment(w.since), "", minutes(s.now.Sub(w.since)), ""})
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // byte order mark: tells spreadsheets the encoding
	err := csv.NewWriter(&b).WriteAll(lines)
	return b.Bytes(), err
}

// The formats of the statistics.
const (
	statsChart = "png"
	statsTable = "csv"
)

// SendStatistics queues the statistics as a picture.
func SendStatistics(t *chat.Turn, s chat.Speaker, m state.MessageID) error {
	return sendStatistics(t, s, statsChart, telegram.SendPhoto{
		ChatID: telegram.ChatID(s.Chat), ReplyParameters: chat.ReplyTo(m),
		ReplyMarkup: telegram.InlineKeyboard{{chat.Button(s.T("button_csv"), string(chat.PressStatsFile))}},
	})
}

// SendStatisticsTable queues them as a file.
func SendStatisticsTable(t *chat.Turn, s chat.Speaker, m state.MessageID) error {
	return sendStatistics(t, s, statsTable, telegram.SendDocument{
		ChatID: telegram.ChatID(s.Chat), ReplyParameters: chat.ReplyTo(m), NoTypeDetection: true,
	})
}

func sendStatistics(t *chat.Turn, s chat.Speaker, as string, request telegram.Request) error {
	call, err := telegram.Encode(request)
	if err != nil {
		return err
	}
	return t.Enqueue(state.Telegram, chat.DownLane(s.Chat, 0), chat.KindFile, state.PriorityPerson, "", chat.TelegramRow{
		Call: call, Place: s.Place,
		File: &chat.AttachmentRef{Made: true, Stats: as, Name: "plusofon-" + t.Now.In(s.Zone).Format(time.DateOnly) + "." + as},
	})
}

// File returns the content of a row's file.
func (s *Statistics) File(ref chat.AttachmentRef) ([]byte, error) {
	if ref.Stats == statsTable {
		return s.table()
	}
	return s.chart()
}
