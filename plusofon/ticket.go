package plusofon

import "time"

// Ticket is a ticket with its posts.
type Ticket struct {
	ID      TicketID
	Subject string
	Open    bool
	// OpenKnown says that the API has told whether it is open; else Open is a
	// guess.
	OpenKnown bool
	Posts     []Post // by ascending id, without the staff's notes to itself
	// LeftOut counts the posts and attachments that could not be read. A post that
	// has an unreadable attachment is there without it.
	LeftOut int
}

// Post is one message of a ticket.
type Post struct {
	ID          PostID
	Date        time.Time // zero where absent
	Text        string    // plain or HTML, untrusted; emoji as far as they can be told
	Author      Author
	Email       string  // of the author, where the API gives it apart from the name
	Creator     Creator // who wrote it; 0 where the API does not say
	Attachments []Attachment
}

// Author is who wrote a post. Staff and customers are numbered apart, so an id
// alone names nobody.
type Author struct {
	ID   string
	Name string // a name or an e-mail
}

// Attachment is a file of a post. Its fields are not documented: any may be
// missing. Client.Download reads it.
type Attachment struct {
	ID      string
	Name    string
	URL     string // absolute, or relative to the API's host
	Size    int64  // as the API says; 0 where it does not
	Content string // Base64 where the API sends the content along
}

// ListedTicket is an element of the list. Which fields are there depends on
// the version of the API: times are zero where it says nothing.
type ListedTicket struct {
	ID             TicketID
	Subject        string
	Open           bool
	LastActivity   time.Time
	LastStaffReply time.Time
	LastUserReply  time.Time
	Creator        Creator
	Fingerprint    string // a short hash: any value in the element changes it, the order of its keys does not
	HasActivity    bool   // it carries a sign of activity, so a new post shows in it
}

// Creator is who opened a ticket or wrote a post; 0 where the API does not say.
type Creator int

const (
	CreatorStaff Creator = iota + 1
	CreatorUser
)

// Account is whose token it is.
type Account struct {
	ID    string
	Email string
	Name  string
}
