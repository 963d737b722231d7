// What the page knows of the workspace, kept current by the server, and how it asks for things to be done.

const listeners = new Set();
export const world = { ready: false, online: false, notices: [], actedAt: 0 };

let nextNotice = 1;

export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed() {
  for (const listener of listeners) listener();
}

export function notice(level, text) {
  const id = nextNotice++;
  world.notices = [...world.notices.slice(-3), { id, level, text }];
  if (level === "info") setTimeout(() => dismiss(id), 6000);
  changed();
}

export function dismiss(id) {
  world.notices = world.notices.filter((n) => n.id !== id);
  changed();
}

/** Have something done; its result, or null where it could not be, which is told. */
export async function act(name, args) {
  if (!name.startsWith("inspect_")) world.actedAt = Date.now();
  try {
    const response = await fetch("/do", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ do: name, with: args }),
    });
    const answer = await response.json();
    if (answer.error) {
      notice("error", answer.error);
      return null;
    }
    const failed = answer.result && answer.result.error;
    if (failed) notice("error", FAILED[failed] || `Slack would say: ${failed}`);
    return answer.result === null ? {} : answer.result;
  } catch {
    notice("error", "The playground does not answer. Is it still running?");
    return null;
  }
}

const FAILED = {
  operation_timeout: "The bot did not answer within three seconds: Slack would show “operation_timeout”.",
  dispatch_failed: "The bot could not be reached: Slack would show “dispatch_failed”.",
  invalid_command: "This command is none of the app's.",
};

const taken = {
  everything(told) {
    Object.assign(world, told, { ready: true });
    world.channels = new Map(told.channels.map((c) => [c.id, { ...c, messages: new Map(c.messages.map((m) => [m.ts, m])) }]));
    world.users = new Map(told.users.map((u) => [u.id, u]));
  },
  channel({ channel }) {
    const held = world.channels.get(channel.id);
    const kept = held ? { messages: held.messages, ephemerals: held.ephemerals } : { messages: new Map(), ephemerals: [] };
    world.channels.set(channel.id, { ...channel, ...kept });
  },
  message({ channel, ts, message }) {
    const held = world.channels.get(channel);
    if (message) held.messages.set(ts, message);
    else held.messages.delete(ts);
  },
  ephemerals({ channel, ephemerals }) {
    world.channels.get(channel).ephemerals = ephemerals;
  },
  home({ user, view }) {
    world.homes = { ...world.homes, [user]: view };
  },
  modals({ user, stack }) {
    world.modals = { ...world.modals, [user]: stack };
  },
  assistant({ threads }) {
    world.assistant = threads;
  },
  notice({ level, text }) {
    notice(level, text);
  },
};

/** What a connection begins with comes at once; one that says nothing for so long, in ms, is given up for another. */
const PATIENCE = 4000;

/** Follow the workspace, and again after the connection was lost. */
export function follow() {
  const socket = new WebSocket(`ws://${location.host}/live`);
  const silent = setTimeout(() => socket.close(), PATIENCE);
  socket.onmessage = (event) => {
    clearTimeout(silent);
    const told = JSON.parse(event.data);
    if (taken[told.kind]) taken[told.kind](told);
    if (told.now) world.now = told.now;
    world.online = true;
    changed();
  };
  socket.onclose = () => {
    clearTimeout(silent);
    world.online = false;
    changed();
    setTimeout(follow, 1500);
  };
}

export const nameOf = (id) => {
  const user = world.users && world.users.get(id);
  return user ? user.real_name || user.name : id;
};

/** All that `user` sees in a channel, in order; `thread`: that of one message only, else what stands in the channel itself. */
export function seen(channel, user, thread) {
  const mine = channel.ephemerals.filter((e) => e.user === user).map((e) => ({ ...e.message, is_ephemeral: true }));
  const all = [...channel.messages.values(), ...mine];
  const here = thread
    ? all.filter((m) => m.ts === thread || m.thread_ts === thread)
    : all.filter((m) => !m.thread_ts || m.thread_ts === m.ts || m.subtype === "thread_broadcast");
  return here.sort((a, b) => (a.ts < b.ts ? -1 : 1));
}
