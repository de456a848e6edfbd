"use strict";

// The page's own words. What the bot says comes from the bot.
const language = navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en";

const words = {
  ru: {
    demo: "демо",
    intro: "Слева чат клиента в Telegram, справа рабочее место поддержки Плюсофона. Бот между ними настоящий, обе стороны игрушечные: всё остаётся на этом компьютере.",
    introNarrow: "Чат клиента в Telegram и рабочее место поддержки. Бот между ними настоящий, всё остаётся на этом компьютере.",
    tabChat: "Чат Анны",
    tabDesk: "Поддержка",
    lost: "Связь с программой потеряна: она остановлена. Запустите её снова, страница подключится сама.",
    chatTitle: "Бот Плюсофона",
    chatSubtitle: "Telegram, каким его видит Анна",
    deskTitle: "Плюсофон",
    deskSubtitle: "рабочее место поддержки, отвечает оператор Ольга",
    about: "Пишите в поддержку Плюсофона и получайте её ответы прямо здесь.",
    start: "Запустить",
    message: "Сообщение",
    send: "Отправить",
    attach: "Приложить файл",
    dropReply: "Не отвечать на это сообщение",
    dropFile: "Убрать файл",
    reply: "Ответить на это сообщение",
    replyTo: "В ответ",
    you: "Анна",
    bot: "Бот",
    gone: "сообщения больше нет",
    file: "файл",
    noTickets: "Обращений пока нет. Откройте первое в чате: /new и текст.",
    ticketName: "№",
    noSubject: "без темы",
    open: "открыто",
    closed: "закрыто",
    close: "Закрыть обращение",
    reopen: "Открыть снова",
    staffAnswer: "Ответ клиенту",
    staffSend: "Ответить",
    staffName: "Оператор Ольга",
    customer: "Клиент",
    failed: "Не получилось: ",
    tooBig: "Файл больше 50 МБ, выберите другой.",
    units: ["Б", "КБ", "МБ"],
    anna: "Анна",
    reactions: { "👀": "принято", "👌": "Плюсофон получил", "💔": "не отправлено" },
    ideas: [
      ["Открыть обращение", "/new Нет входящих звонков\nС утра не проходят входящие на номер 74951234567."],
      ["Мои обращения", "/tickets"],
      ["Всё ли работает", "/status"],
      ["Справка", "/help"],
    ],
  },
  en: {
    demo: "demo",
    intro: "On the left a customer's chat in Telegram, on the right the desk of Plusofon's support. The bot between them is real, both sides are toys: everything stays on this machine.",
    introNarrow: "A customer's chat in Telegram and the support's desk. The bot between them is real, everything stays on this machine.",
    tabChat: "Anna's chat",
    tabDesk: "Support",
    lost: "The connection to the program is lost: it has ended. Start it again, the page connects by itself.",
    chatTitle: "Plusofon's bot",
    chatSubtitle: "Telegram as Anna sees it",
    deskTitle: "Plusofon",
    deskSubtitle: "the support's desk, Olga answers",
    about: "Write to Plusofon's support and get its answers right here.",
    start: "Start",
    message: "Message",
    send: "Send",
    attach: "Attach a file",
    dropReply: "Don't reply to this message",
    dropFile: "Take the file away",
    reply: "Reply to this message",
    replyTo: "In reply to",
    you: "Anna",
    bot: "Bot",
    gone: "the message is gone",
    file: "file",
    noTickets: "No tickets yet. Open the first one in the chat: /new and your text.",
    ticketName: "№",
    noSubject: "no subject",
    open: "open",
    closed: "closed",
    close: "Close the ticket",
    reopen: "Open it again",
    staffAnswer: "Answer to the customer",
    staffSend: "Answer",
    staffName: "Olga, support",
    customer: "Customer",
    failed: "It did not work: ",
    tooBig: "The file is above 50 MB, choose another one.",
    units: ["B", "KB", "MB"],
    anna: "Anna",
    reactions: { "👀": "taken", "👌": "Plusofon has it", "💔": "not sent" },
    ideas: [
      ["Open a ticket", "/new No incoming calls\nSince the morning no calls come in to 74951234567."],
      ["My tickets", "/tickets"],
      ["Is it working", "/status"],
      ["Help", "/help"],
    ],
  },
}[language];

document.documentElement.lang = language;

// label puts the words on everything below root that names one.
function label(root) {
  for (const e of root.querySelectorAll("[data-word]")) e.textContent = words[e.dataset.word];
  for (const e of root.querySelectorAll("[data-placeholder]")) e.placeholder = words[e.dataset.placeholder];
  for (const e of root.querySelectorAll("[data-label]")) {
    e.title = words[e.dataset.label];
    e.setAttribute("aria-label", words[e.dataset.label]);
  }
}
