package plusofon

import "time"

// Ticket is a ticket with its posts.
type Ticket struct {
	ID      TicketID
	Subject string
	Open    bool
	// OpenKnown is true if the API reported whether the ticket is open; otherwise
	// Open is a guess.
	OpenKnown bool
	Posts     []Post // by ascending id, without internal notes
	// LeftOut counts posts and attachments that could not be parsed. A post with
	// an unreadable attachment is included without it.
	LeftOut int
}

// Post is one message of a ticket.
type Post struct {
	ID          PostID
	Date        time.Time // zero where absent
	Text        string    // plain or HTML, untrusted; emoji restored where known
	Author      Author
	Email       string  // of the author, if the API gives it separately from the name
	Creator     Creator // who wrote it; 0 if the API doesn't say
	Attachments []Attachment
}

// Author is who wrote a post. Staff and customers are numbered separately, so an
// id alone identifies no one.
type Author struct {
	ID   string
	Name string // a name or an e-mail address
}

// Attachment is a file of a post. Its fields are undocumented: any may be
// missing. Client.Download reads the content.
type Attachment struct {
	ID      string
	Name    string
	URL     string // absolute, or relative to the API's host
	Size    int64  // as the API says; 0 if it doesn't
	Content string // Base64, if the API includes the content
}

// ListedTicket is an element of the list. Which fields are set depends on the
// version of the API: absent times are zero.
type ListedTicket struct {
	ID             TicketID
	Subject        string
	Open           bool
	LastActivity   time.Time
	LastStaffReply time.Time
	LastUserReply  time.Time
	Creator        Creator
	Fingerprint    string // a short hash: changes with any value in the element, not with the order of keys
	HasActivity    bool   // it has a field of activityFields, so a new post changes it
}

// Creator is who opened a ticket or wrote a post; 0 if the API doesn't say.
type Creator int

const (
	CreatorStaff Creator = iota + 1
	CreatorUser
)

// Account is the owner of a token.
type Account struct {
	ID    string
	Email string
	Name  string
}
