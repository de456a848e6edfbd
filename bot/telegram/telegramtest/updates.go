package telegramtest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

const (
	updateLife = 24 * time.Hour
	pressLife  = 150 * time.Second
	maxPoll    = 50 * time.Second
	// samePoll: after a repeated request this soon with the same offset, Telegram returns
	// one update per call.
	samePoll = 500 * time.Millisecond
	// farOffset: an offset this far ahead belongs to an older numbering and confirms nothing.
	farOffset = 10
)

// optIn are kinds delivered only if named in allowed_updates.
var optIn = []string{"chat_member", "message_reaction", "message_reaction_count"}

// updateKinds are the values of allowed_updates.
var updateKinds = []string{
	"message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
	"edited_business_message", "deleted_business_messages", "guest_message", "message_reaction", "message_reaction_count",
	"inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
	"purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
	"removed_chat_boost", "managed_bot",
}

type update struct {
	id   int
	kind string
	body json.RawMessage // the object without update_id; anything at all if verbatim
	time time.Time

	verbatim bool
	// again: delivered once more whatever the offset, as after a lost confirmation.
	again, seen bool
	confirmed   bool // by a later offset, once
}

type updateQueue struct {
	next      int // the id of the next update
	pending   []*update
	confirmed []*update
	allowed   []string
	webhook   string
	holding   bool
	held      []*update
	poll      *poll

	lastOffset   int
	lastAnswered time.Time
}

// poll is a waiting getUpdates; ended by a newer one.
type poll struct{ ended chan struct{} }

func (q *updateQueue) wants(kind string) bool {
	if len(q.allowed) == 0 {
		return !slices.Contains(optIn, kind)
	}
	return slices.Contains(q.allowed, kind)
}

// push queues an update of a kind the bot wants, nil where it wants none. The lock is held.
func (s *Server) push(kind string, payload any) *update {
	if !s.queue.wants(kind) {
		return nil
	}
	body, err := json.Marshal(map[string]any{kind: payload})
	if err != nil {
		panic("telegramtest: encode an update: " + err.Error())
	}
	u := &update{kind: kind, body: body, time: s.now()}
	if s.queue.holding {
		s.queue.held = append(s.queue.held, u)
		return u
	}
	s.queue.add(u)
	s.touch()
	return u
}

// Hold holds back updates until Release.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.holding = true
}

// Deliver delivers the held updates at these indexes, in this order: updates do not always
// arrive in the order of events.
func (s *Server) Deliver(places ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range places {
		s.queue.add(s.queue.held[at])
		s.queue.held[at] = nil
	}
	s.touch()
}

// Release delivers all held updates and stops holding them back.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.queue.held {
		if u != nil {
			s.queue.add(u)
		}
	}
	s.queue.holding, s.queue.held = false, nil
	s.touch()
}

func (q *updateQueue) add(u *update) {
	u.id = q.next
	q.next++
	q.pending = append(q.pending, u)
}

// PushRaw queues a hand-made update. An object gets an update_id unless it has one;
// anything else is delivered verbatim and breaks the whole answer.
func (s *Server) PushRaw(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &update{kind: "raw", body: json.RawMessage(raw), time: s.now()}
	var fields map[string]json.RawMessage
	if json.Unmarshal(u.body, &fields) != nil {
		u.verbatim = true
		s.queue.add(u)
		s.touch()
		return
	}
	id, err := strconv.Atoi(string(fields["update_id"]))
	if err == nil && id >= s.queue.next {
		s.queue.next = id
	}
	delete(fields, "update_id")
	u.body, _ = json.Marshal(fields)
	s.queue.add(u)
	s.touch()
}

// Redeliver delivers every confirmed update once more, with its old id and whatever the
// offset, as to a bot whose confirmation was lost in a crash.
func (s *Server) Redeliver() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.queue.confirmed {
		u.again, u.seen = true, false
	}
	s.queue.pending = append(s.queue.confirmed, s.queue.pending...)
	s.queue.confirmed = nil
	s.touch()
}

// Renumber continues with smaller ids, as Telegram may after a quiet week. Pending updates
// are renumbered too.
func (s *Server) Renumber() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.next = s.queue.next/3 + 1
	s.queue.confirmed = nil
	for _, u := range s.queue.pending {
		u.id = s.queue.next
		s.queue.next++
	}
	s.touch()
}

// Pending returns the number of unconfirmed updates.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue.pending)
}

// Polling reports whether a getUpdates is waiting.
func (s *Server) Polling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.poll != nil
}

// confirm drops updates below the offset, and those too old to be delivered.
func (q *updateQueue) confirm(offset int, now time.Time) {
	switch {
	case offset < 0:
		offset = q.next + offset
	case offset > q.next+farOffset:
		offset = 0
	}
	var keep []*update
	for _, u := range q.pending {
		life := updateLife
		if u.kind == "callback_query" {
			life = pressLife
		}
		switch {
		case now.Sub(u.time) > life:
		case u.again && !u.seen:
			keep = append(keep, u)
		case u.id < offset:
			u.again, u.confirmed = false, true
			q.confirmed = append(q.confirmed, u)
		default:
			keep = append(keep, u)
		}
	}
	q.pending = keep
}

func (q *updateQueue) take(limit int) rawResult {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, u := range q.pending[:min(limit, len(q.pending))] {
		if i > 0 {
			b.WriteByte(',')
		}
		u.seen = true
		if u.verbatim {
			b.Write(u.body)
			continue
		}
		b.WriteString(`{"update_id":` + strconv.Itoa(u.id))
		if inner := bytes.TrimSpace(u.body[1 : len(u.body)-1]); len(inner) > 0 {
			b.WriteByte(',')
			b.Write(inner)
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.Bytes()
}

// getUpdates waits for updates. If the client hangs up nothing is lost: only a later offset
// confirms.
func (s *Server) getUpdates(c *call) (any, error) {
	limit := 100
	if c.has("limit") {
		if limit = c.int("limit"); limit < 1 || limit > 100 {
			limit = 100
		}
	}
	timeout := min(time.Duration(max(c.int("timeout"), 0))*time.Second, maxPoll)

	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.queue
	if q.webhook != "" {
		return nil, &apiError{code: 409, desc: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
	}
	if q.poll != nil {
		close(q.poll.ended)
		q.poll = nil
	}
	if err := s.allow(c); err != nil {
		s.note(c, err)
		return nil, err
	}
	offset := c.int("offset")
	if now := s.now(); offset == q.lastOffset && !q.lastAnswered.IsZero() && now.Sub(q.lastAnswered) < samePoll {
		limit = 1
	}
	q.confirm(offset, s.now())

	p := &poll{ended: make(chan struct{})}
	q.poll = p
	s.touch()
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	for {
		if s.down {
			q.poll = nil
			return nil, errGone
		}
		if len(q.pending) > 0 || timeout == 0 {
			break
		}
		ch := s.changed
		s.mu.Unlock()
		var err error
		expired := false
		select {
		case <-ch:
		case <-deadline.C:
			expired = true
		case <-p.ended:
			err = &apiError{code: 409, desc: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}
		case <-c.ctx.Done():
			err = errGone
		case <-s.done:
			err = errGone
		}
		s.mu.Lock()
		if q.poll != p && err == nil {
			err = &apiError{code: 409, desc: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}
		}
		if err != nil {
			if q.poll == p {
				q.poll = nil
			}
			s.touch()
			return nil, err
		}
		if expired {
			break
		}
	}
	q.poll = nil
	if len(q.pending) > 0 {
		q.lastOffset, q.lastAnswered = offset, s.now()
	}
	return q.take(limit), nil
}

// allow stores allowed_updates for this call and for calls without the parameter.
func (s *Server) allow(c *call) error {
	if !c.has("allowed_updates") {
		return nil
	}
	var kinds []string
	if err := c.decode("allowed_updates", &kinds); err != nil {
		return err
	}
	for _, k := range kinds {
		if !slices.Contains(updateKinds, k) {
			return strict("allowed_updates: %q is no kind of update", k)
		}
	}
	s.queue.allowed = kinds
	return nil
}

func (s *Server) setWebhook(c *call) (any, error) {
	if err := s.allow(c); err != nil {
		return nil, err
	}
	s.queue.webhook = c.str("url")
	if c.bool("drop_pending_updates") {
		s.queue.pending = nil
	}
	if s.queue.webhook != "" && s.queue.poll != nil {
		close(s.queue.poll.ended)
		s.queue.poll = nil
	}
	return true, nil
}

func (s *Server) deleteWebhook(c *call) (any, error) {
	s.queue.webhook = ""
	if c.bool("drop_pending_updates") {
		s.queue.pending = nil
	}
	return true, nil
}

func (s *Server) getWebhookInfo(*call) (any, error) {
	info := map[string]any{
		"url": s.queue.webhook, "has_custom_certificate": false, "pending_update_count": len(s.queue.pending),
	}
	if len(s.queue.allowed) > 0 {
		info["allowed_updates"] = s.queue.allowed
	}
	return info, nil
}

func (s *Server) getMe(*call) (any, error) {
	return struct {
		User
		CanJoin   bool `json:"can_join_groups"`
		CanRead   bool `json:"can_read_all_group_messages"`
		Guest     bool `json:"supports_guest_queries"`
		Inline    bool `json:"supports_inline_queries"`
		Business  bool `json:"can_connect_to_business"`
		WebApp    bool `json:"has_main_web_app"`
		Topics    bool `json:"has_topics_enabled"`
		AllTopics bool `json:"allows_users_to_create_topics"`
	}{User: s.bot, CanJoin: true, CanRead: s.cfg.PrivacyOff, Topics: s.cfg.PrivateTopics}, nil
}
