// The page's state: the program's values, and the person shown.

export const state = {
  cast: null, // {language, bot, people, group, title, staff, about}
  chats: new Map(), // id → {id, messages, menus, topics, bot}
  answers: [], // to presses, the last ones
  tickets: [],
  faults: {},
  outage: {}, // {held, over}: something was written while Plusofon was down, and has arrived
  play: {},

  who: 100, // the person whose Telegram is shown
  chat: 100,
  topic: 0, // of the group; 0 is what belongs to no topic
};

export const person = (id) => state.cast.people.find((p) => p.id === id);
export const isGroup = () => state.chat === state.cast.group;
export const place = () => `${state.who}:${state.chat}:${state.topic}`;

// inTopic lists a chat's messages in one topic.
export function inTopic(view, topic) {
  if (!view) return [];
  const topics = new Set((view.topics || []).map((t) => t.id));
  return view.messages.filter((m) => (topics.has(m.thread) ? m.thread : 0) === topic);
}
