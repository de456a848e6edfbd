package plusofon

import "time"

// Ticket is a ticket with its posts.
type Ticket struct {
	ID      TicketID
	Subject string
	Date    time.Time // zero where absent
	Open    bool
	// OpenKnown says that the API has told whether it is open; else Open is a
	// guess.
	OpenKnown bool
	Label     string // the status where the API gives a word instead of yes or no
	Unread    bool   // a hint only: nobody says what clears it
	Posts     []Post // by ascending id
}

// Post is one message of a ticket.
type Post struct {
	ID          PostID
	Date        time.Time // zero where absent
	Text        string    // as given: plain or HTML, untrusted
	Author      Author
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
// the version of the API: times are zero and numbers 0 where it says nothing.
type ListedTicket struct {
	ID             TicketID
	Subject        string
	Open           bool
	Label          string // as Ticket.Label
	Opened         time.Time
	LastActivity   time.Time
	LastStaffReply time.Time
	LastUserReply  time.Time
	Replies        int
	LastReplier    string
	Email          string // of whom the ticket belongs to
	FullName       string
	Creator        Creator
	Fingerprint    string // a short hash: any value in the element changes it, the order of its keys does not
	HasActivity    bool   // it carries a sign of activity, so a new post shows in it
}

// Creator is who opened a ticket.
type Creator int

const (
	CreatorUnknown Creator = iota
	CreatorStaff
	CreatorUser
)

// Account is whose token it is.
type Account struct {
	ID    string
	Email string
	Name  string
	Role  string
}
