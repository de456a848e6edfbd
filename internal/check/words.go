package check

// words are the texts in one language.
type words struct {
	bot, privacyOn, privacyOff                      string
	account, tickets, leftOut                       string
	pageOlder, pageNewer, activity, noActivity      string
	noTicket, namesPage, namesDesk, namesOther      string
	filesLink, filesContent, filesName, filesHidden string
	zoneUnix, zoneIs, zoneUnknown                   string
	limitSaid, limitSilent                          string
	database, databaseNew, databaseHeld             string
	address, report                                 string

	telegramToken, telegramSilent string
	plusofonToken, plusofonSilent string
	databaseBad, addressBad       string
	reportExists, reportBad       string
}

var russian = words{
	bot:        "Telegram: бот @%s (%s)",
	privacyOn:  "Telegram: в группе бот видит только команды и ответы ему; чтобы видел всё, сделайте его администратором",
	privacyOff: "Telegram: в группе бот видит все сообщения",
	account:    "Плюсофон: %s",
	tickets:    "Плюсофон: обращений открыто %d, закрыто %d",
	leftOut:    "Плюсофон: прочитать нельзя %d, это пропускается",
	pageOlder:  "Плюсофон: список в старом виде (как у Kayako)",
	pageNewer:  "Плюсофон: список в новом виде",
	activity:   "Плюсофон: новое в обращении видно в списке",
	noActivity: "Плюсофон: в списке не видно, что в обращении что-то произошло; изменение станет видно за %s",

	noTicket:     "Плюсофон: обращений нет, поля сообщений неизвестны",
	namesPage:    "Плюсофон: поля сообщений называются как на странице API",
	namesDesk:    "Плюсофон: поля сообщений называются как в службе поддержки (contents, dateline)",
	namesOther:   "Плюсофон: поля сообщений называются иначе: %s",
	filesLink:    "Плюсофон: вложения видны, ссылкой",
	filesContent: "Плюсофон: вложения видны, содержимым",
	filesName:    "Плюсофон: вложения видны, только именем",
	filesHidden:  "Плюсофон: вложений в последнем обращении не видно",
	zoneUnix:     "Плюсофон: время в секундах, часовой пояс не важен",
	zoneIs:       "Плюсофон: даты, похоже, в поясе %s",
	zoneUnknown:  "Плюсофон: в каком поясе даты, не видно; бот проверит это при первой отправке",
	limitSaid:    "Плюсофон: сколько запросов можно, сказано в ответе (%s)",
	limitSilent:  "Плюсофон: сколько запросов можно, не сказано",
	database:     "База данных: %s открывается",
	databaseNew:  "База данных: %s будет создана",
	databaseHeld: "База данных: с %s работает бот",
	address:      "HTTP_ADDR: %s свободен",
	report:       "Отчёт о том, как устроены ответы, записан: %s",

	telegramToken:  "Telegram: токен не принят, скопируйте его у @BotFather в TELEGRAM_TOKEN",
	telegramSilent: "Telegram: нет ответа, проверьте сеть и TELEGRAM_API_URL",
	plusofonToken:  "Плюсофон: доступа нет, возьмите токен в личном кабинете (Разработчикам → Доступ к API) и задайте PLUSOFON_TOKEN",
	plusofonSilent: "Плюсофон: нет ответа, проверьте сеть и PLUSOFON_API_URL",
	databaseBad:    "База данных: %s нельзя ни открыть, ни создать; проверьте DATABASE_PATH и права",
	addressBad:     "HTTP_ADDR: %s занять не получается",
	reportExists:   "Отчёт: %s уже есть, укажите новое имя",
	reportBad:      "Отчёт: не записан",
}

var english = words{
	bot:        "Telegram: bot @%s (%s)",
	privacyOn:  "Telegram: in a group the bot sees only commands and replies to it; make it an administrator to let it see everything",
	privacyOff: "Telegram: in a group the bot sees all messages",
	account:    "Plusofon: %s",
	tickets:    "Plusofon: %d open tickets, %d closed",
	leftOut:    "Plusofon: %d can't be read and are left out",
	pageOlder:  "Plusofon: the list has the older format (like Kayako's)",
	pageNewer:  "Plusofon: the list has the newer format",
	activity:   "Plusofon: the list shows when something happens in a ticket",
	noActivity: "Plusofon: the list does not show that something has happened in a ticket; a change is seen within %s",

	noTicket:     "Plusofon: there are no tickets, so the field names of posts are unknown",
	namesPage:    "Plusofon: posts name their fields as the API's page does",
	namesDesk:    "Plusofon: posts name their fields as the help desk does (contents, dateline)",
	namesOther:   "Plusofon: posts name their fields otherwise: %s",
	filesLink:    "Plusofon: attachments are shown, as links",
	filesContent: "Plusofon: attachments are shown, as content",
	filesName:    "Plusofon: attachments are shown, by name only",
	filesHidden:  "Plusofon: the newest ticket shows no attachments",
	zoneUnix:     "Plusofon: times are in seconds, so the time zone does not matter",
	zoneIs:       "Plusofon: dates seem to be in the time zone %s",
	zoneUnknown:  "Plusofon: nothing tells which time zone dates are in; the bot finds out when it first sends something",
	limitSaid:    "Plusofon: answers tell how many requests are allowed (%s)",
	limitSilent:  "Plusofon: answers don't tell how many requests are allowed",
	database:     "Database: %s can be opened",
	databaseNew:  "Database: %s will be created",
	databaseHeld: "Database: %s is in use by the bot",
	address:      "HTTP_ADDR: %s is free",
	report:       "Report: the structure of the answers was written to %s",

	telegramToken:  "Telegram: the token is not accepted; copy it from @BotFather into TELEGRAM_TOKEN",
	telegramSilent: "Telegram: no answer; check the network and TELEGRAM_API_URL",
	plusofonToken:  "Plusofon: no access; take the token from the personal account (Разработчикам → Доступ к API) and set PLUSOFON_TOKEN",
	plusofonSilent: "Plusofon: no answer; check the network and PLUSOFON_API_URL",
	databaseBad:    "Database: %s can be neither opened nor created; check DATABASE_PATH and the permissions",
	addressBad:     "HTTP_ADDR: can't listen on %s",
	reportExists:   "Report: %s exists already; choose another name",
	reportBad:      "Report: not written",
}
