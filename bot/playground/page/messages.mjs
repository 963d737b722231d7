// Messages of a channel or of a thread, with what one may do with each.
import { useLayoutEffect, useRef } from "preact/hooks";
import { Content } from "./blocks.mjs";
import { Menu } from "./elements.mjs";
import { html, Icon } from "./html.mjs";
import { act, nameOf, seen, world } from "./live.mjs";

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const dateOf = (ts) => new Date(Number(ts) * 1000);

export function Face({ user }) {
  if (user === world.bot) return html`<img class="face" src="/page/icon.svg" alt="" />`;
  const words = nameOf(user).split(/\s+/);
  const initials = (words[0][0] + (words[1] ? words[1][0] : "")).toUpperCase();
  const hue = ["blue", "plum", "amber", "green"][Math.max(0, [...world.users.keys()].indexOf(user) - 1) % 4];
  return html`<span class=${`face ${hue}`} aria-hidden="true">${initials}</span>`;
}

function Replies({ message, onThread }) {
  if (!message.reply_count) return null;
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  return html`<button type="button" class="replies" onClick=${() => onThread(message.ts)}>
    <span class="faces">${message.reply_users.slice(0, 3).map((user) => html`<${Face} key=${user} user=${user} />`)}</span>
    <strong>${count}</strong><span>Last at ${CLOCK.format(dateOf(message.latest_reply))}</span></button>`;
}

function Tools({ message, channel, me, inThread, onThread, onInspect }) {
  const shortcuts = world.shortcuts.map((shortcut) => ({
    text: shortcut.name,
    run: () => act("message_shortcut", { user: me, message: message.ts, callback_id: shortcut.callback_id }),
  }));
  const own = message.user === me ? [{ text: "Delete message", run: () => act("delete", { message: message.ts }) }] : [];
  const posted = !message.is_ephemeral;
  return html`<div class="tools" role="group" aria-label="Message actions">
    ${posted && !inThread && html`<button type="button" class="button square" aria-label="Reply in thread" title="Reply in thread" onClick=${() => onThread(message.thread_ts || message.ts)}><${Icon} name="reply" /></button>`}
    <button type="button" class="button square" aria-label="Inspect message" title="Inspect: JSON, validation, size" onClick=${() => onInspect({ channel: channel.id, ts: message.ts })}><${Icon} name="inspect" /></button>
    ${posted && html`<${Menu} label="Shortcuts of this message" align="right" items=${[...shortcuts, ...own]}><${Icon} name="more" /><//>`}
  </div>`;
}

export function Message({ message, channel, me, inThread, still, onThread, onInspect, marked }) {
  const gone = message.subtype === "tombstone";
  const author = gone ? "" : nameOf(message.user);
  const ofBot = message.user === world.bot;
  const at = CLOCK.format(dateOf(message.ts));
  return html`<article class=${`message ${message.is_ephemeral ? "ephemeral" : ""} ${marked ? "marked" : ""}`} id=${`m${message.ts}`} tabindex="-1" aria-label=${`${author || "Deleted message"}, ${at}`}>
    ${gone ? html`<span class="face" aria-hidden="true"></span>` : html`<${Face} user=${message.user} />`}
    <div class="message-body">
      ${message.is_ephemeral && html`<p class="only-you">Only visible to you</p>`}
      <p class="by"><strong>${author}</strong>${ofBot && html`<span class="app">APP</span>`}<time>${at}</time></p>
      ${gone ? html`<p class="gone">This message was deleted.</p>` : html`<${Content} message=${message} me=${me} still=${still} />`}
      ${message.edited && html`<small class="edited">(edited)</small>`}
      ${!inThread && !still && html`<${Replies} message=${message} onThread=${onThread} />`}
    </div>
    ${!gone && !still && html`<${Tools} ...${{ message, channel, me, inThread, onThread, onInspect }} />`}
  </article>`;
}

/** The list scrolls along with what comes, unless somebody has scrolled up to read. */
export function Messages({ channel, me, thread, label, onThread, onInspect, marked }) {
  const messages = seen(channel, me, thread);
  const list = useRef();
  const atEnd = useRef(true);
  const last = messages[messages.length - 1];
  const lastNode = () => last && list.current.querySelector(`[id="m${last.ts}"]`);
  useLayoutEffect(() => { atEnd.current = true; }, [channel.id, thread]);
  useLayoutEffect(() => {
    const node = list.current;
    const grown = () => { if (atEnd.current) node.scrollTop = node.scrollHeight; };
    node.addEventListener("load", grown, true); // a picture came, and what is below it moved down
    return () => node.removeEventListener("load", grown, true);
  }, []);
  useLayoutEffect(() => {
    const node = list.current;
    const there = marked && node.querySelector(`[id="m${marked}"]`);
    if (there) there.scrollIntoView({ block: "start" });
    else if (atEnd.current || Date.now() - world.actedAt < 8000) {
      const start = lastNode();
      // A message taller than the list is read from its beginning.
      if (start && start.offsetHeight > node.clientHeight && last.streaming_state !== "in_progress") start.scrollIntoView({ block: "start" });
      else node.scrollTop = node.scrollHeight;
    }
  }, [last && last.ts, channel.id, thread, marked, last && last.text && last.text.length]);
  const scrolled = () => {
    const node = list.current;
    const start = lastNode();
    const below = node.scrollHeight - node.scrollTop - node.clientHeight;
    atEnd.current = below < 80 || Boolean(start && start.offsetHeight > node.clientHeight && start.offsetTop - node.scrollTop < node.clientHeight / 2);
  };
  let day = "";
  const rows = [];
  for (const message of messages) {
    const on = DAY.format(dateOf(message.ts));
    if (on !== day && !thread) rows.push(html`<div class="day" key=${on} role="separator" aria-label=${on}><span>${on}</span></div>`);
    day = on;
    rows.push(html`<${Message} key=${message.ts} ...${{ message, channel, me, onThread, onInspect }} inThread=${Boolean(thread)} marked=${marked === message.ts} />`);
  }
  const status = (world.assistant || []).find((a) => a.channel === channel.id && a.status && (!thread || a.thread_ts === thread));
  return html`<div class="messages" ref=${list} onScroll=${scrolled} role="log" aria-label=${label} tabindex="0">
    ${rows.length ? rows : html`<p class="empty">Nothing has been said here yet.</p>`}
    ${status && html`<p class="status" role="status">${nameOf(world.bot)} ${status.status}</p>`}</div>`;
}
