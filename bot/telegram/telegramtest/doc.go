// Package telegramtest is a Bot API server for tests and the demo: one bot, the people and
// groups around it, and Telegram's behaviour.
//
// It refuses what Telegram refuses, with Telegram's messages, for the methods of its table:
// every parameter and every object inside is checked by name and type; texts and entities
// by their UTF-16 lengths; keyboards, files, reactions, topics and edits by their rules.
// Long polling confirms, conflicts and forgets like the real one. Some checks are stricter;
// their messages begin with "(stricter than Telegram)". One of them rejects parse_mode: use
// entities for formatting. What a correct bot never causes is also recorded in
// Server.Violations.
//
// Not supported are webhooks (one can be set, but nothing is sent), payments, inline
// queries, business accounts, channels as the bot's chats, and more than one bot.
//
//	srv := telegramtest.New(telegramtest.Config{})
//	if err := srv.Start(); err != nil { … }
//	defer srv.Close()
//	anna := srv.AddUser(telegramtest.User{ID: 100, FirstName: "Анна", Language: "ru"}).Private()
//	anna.Send("/new не работает телефон")
//	shown, err := anna.Wait(ctx, func(m []telegramtest.Message) bool { return m[len(m)-1].FromBot })
//	anna.Press(shown[len(shown)-1].ID, "Отправить")
//
// StartOn serves it on any listener. It is independent of the program under test and its
// client library.
//
// # As a separate process
//
// Server.Control is a handler for a second listener. Bodies and answers are JSON; an error
// is {"error": "…"} with status 400.
//
//	POST /send     {user, chat?, text, reply_to?, thread?}            → the message; of a split text, the first
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
// Without chat, the user's private chat with the bot is meant. Unknown users are created
// with the first name "User ID".
package telegramtest
