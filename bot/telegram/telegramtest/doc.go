// Package telegramtest is a Bot API server for tests and for the demo: one bot,
// the people and groups around it, and Telegram's habits.
//
// It promises to refuse what Telegram refuses, in Telegram's words, as far as
// the methods of its table go: every parameter and every object inside one is
// checked by name and type, texts and entities by their UTF-16 lengths, keyboards,
// files, reactions, topics and edits by their rules. Long polling confirms,
// conflicts and forgets as the real one does. Some refusals go further; their text
// begins with "(stricter than Telegram)". One of them is of parse_mode: formatting
// comes as entities.
// What a correct bot never provokes is also kept in Server.Violations.
//
// It does not promise webhooks (one can be set, nothing is sent), payments, inline
// queries, business accounts, channels as chats of the bot's, or more than one bot.
//
//	srv := telegramtest.New(telegramtest.Config{})
//	if err := srv.Start(); err != nil { … }
//	defer srv.Close()
//	anna := srv.AddUser(telegramtest.User{ID: 100, FirstName: "Анна", Language: "ru"}).Private()
//	anna.Send("/new не работает телефон")
//	shown, err := anna.Wait(ctx, func(m []telegramtest.Message) bool { return m[len(m)-1].FromBot })
//	anna.Press(shown[len(shown)-1].ID, "Отправить")
//
// StartOn serves it on any listener. Nothing here knows the program under test or
// its client library.
//
// # As a separate process
//
// Server.Control is a handler for a second listener. Bodies and answers are JSON;
// an error is {"error": "…"} with status 400.
//
//	POST /send     {user, chat?, text, reply_to?, thread?}            → the message, of a text cut in pieces the first
//	POST /press    {user, chat?, message, data}                       → {"id": the callback query's}
//	POST /file     {user, chat?, kind?, name, mime?, size | content (Base64), caption?, reply_to?, thread?} → the message
//	POST /album    {user, chat?, items: [{kind?, name, mime?, size | content, caption?}], reply_to?, thread?} → [the messages]
//	POST /edit     {user, chat?, message, text}                       → the message, one of the user's own
//	POST /forward  {user, chat?, thread?, from_chat?, message}        → the message
//	POST /bot      {user, chat, status: member, administrator or left, rights?} → {}
//	POST /block    {user, blocked}                                    → {}
//	POST /user     {id, first_name, last_name?, username?, language_code?} → {}
//	GET  /download?id=FILE                                            → the file
//	GET  /messages?chat=ID[&thread=ID]                                → [messages]
//	GET  /requests[?since=N]                                          → {"next": N, "requests": […]}
//	GET  /answers                                                     → [answers to presses]
//	GET  /violations                                                  → [texts]
//	POST /fault    a Fault                                            → {}
//	POST /down     {down}                                             → {}
//	POST /redeliver                                                   → {}
//
// chat is left out for the user's private chat with the bot. A user who is not
// known yet is made with a first name of "User ID".
package telegramtest
