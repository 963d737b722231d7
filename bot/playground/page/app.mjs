// The page: places on the left, messages in the middle, a thread or the inspector on the right.
import { render } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import { Blocks } from "./blocks.mjs";
import { Composer } from "./composer.mjs";
import { html, Icon } from "./html.mjs";
import { Inspector, InspectorOver } from "./inspector.mjs";
import { act, dismiss, follow, nameOf, notice, onChange, seen, world } from "./live.mjs";
import { Face, Message, Messages } from "./messages.mjs";
import { Modal } from "./modal.mjs";

const THEMES = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
const LONG = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });
const wanted = new URLSearchParams(location.search);

function themed(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

const isDirect = (channel, me) => channel.kind === "im" && channel.members.includes(me);

function Sidebar({ state, go, me, setMe, open }) {
  const [theme, setTheme] = useState(wanted.get("theme") || "auto");
  useEffect(() => themed(theme), [theme]);
  const channels = [...world.channels.values()].filter((c) => c.name && c.members.includes(me));
  const place = (kind, id, icon, words) => html`<li key=${id || kind}><button type="button" aria-current=${state.place === kind && (!id || state.channel === id) ? "page" : undefined}
    onClick=${() => go({ place: kind, channel: id || state.channel })}><span class="sign" aria-hidden="true">${icon}</span>${words}</button></li>`;
  const people = [...world.users.values()].filter((u) => !u.is_bot);
  return html`<nav class=${`sidebar ${open ? "open" : ""}`} aria-label="Places">
    <h1><img class="face" src="/page/icon.svg" alt="" /> ainews <small>playground</small></h1>
    <h2>Channels</h2><ul>${channels.map((c) => place("channel", c.id, c.kind === "group" ? html`<${Icon} name="lock" />` : "#", c.name))}</ul>
    <h2>Apps</h2><ul>${place("home", "", html`<${Icon} name="home" />`, `${nameOf(world.bot)}: Home`)}${place("direct", "", html`<${Icon} name="reply" />`, `${nameOf(world.bot)}: Messages`)}</ul>
    <div class="you"><label>You are<select value=${me} onChange=${(event) => setMe(event.target.value)}>${people.map((u) => html`<option key=${u.id} value=${u.id}>${u.real_name}</option>`)}</select></label>
      <label>Looks<select value=${theme} onChange=${(event) => setTheme(event.target.value)}>${Object.entries(THEMES).map(([name, words]) => html`<option key=${name} value=${name}>${words}</option>`)}</select></label>
      <p class="local">A Slack of its own on this machine. Nothing here goes to Slack.</p></div></nav>`;
}

function DateSetting() {
  const [busy, setBusy] = useState(false);
  const dates = new Intl.DateTimeFormat("en-CA", { timeZone: world.time_zone });
  const next = (days) => dates.format(new Date(world.now * 1000 + days * 864e5));
  const today = next(0);
  const set = async (day) => {
    if (!day || day === today) return;
    setBusy(true);
    const done = await act("set_date", { day });
    setBusy(false);
    if (done) notice("info", `It is ${LONG.format(new Date(done.today))} here now.`);
  };
  return html`<div class="date" role="group" aria-label="The date here"><${Icon} name="calendar" />
    <input type="date" aria-label="Date" value=${today} min=${today} max=${next(365)} disabled=${busy} onChange=${(event) => set(event.target.value)} />
    <button type="button" class="button" disabled=${busy} aria-busy=${busy} onClick=${() => set(next(1))}>Next day</button></div>`;
}

function Home({ me, onInspect }) {
  useEffect(() => { act("open_home", { user: me, tab: "home" }); }, [me]);
  const view = world.homes[me];
  return html`<div class="home" tabindex="0" role="region" aria-label="Home">${view
    ? html`<${Blocks} key=${view.id} blocks=${view.blocks} context=${{ me, holder: view }} />
      <p class="home-tools"><button type="button" class="button" onClick=${() => onInspect({ view: view.id })}><${Icon} name="inspect" /> Inspect this view</button></p>`
    : html`<p class="empty">The bot is making this page…</p>`}</div>`;
}

function Prompts({ channel, me }) {
  const told = channel && (world.assistant || []).find((a) => a.channel === channel.id && a.prompts && !a.thread_ts);
  if (!told) return null;
  return html`<div class="prompts" role="group" aria-label=${told.prompts_title || "Suggestions"}>${told.prompts.map((prompt) =>
    html`<button type="button" class="button" key=${prompt.title} onClick=${() => act("say", { user: me, channel: "dm", text: prompt.message })}>${prompt.title}</button>`)}</div>`;
}

function Direct({ me, ...ways }) {
  useEffect(() => { act("open_home", { user: me, tab: "messages" }); }, [me]);
  const channel = [...world.channels.values()].find((c) => isDirect(c, me));
  return html`${channel ? html`<${Messages} channel=${channel} me=${me} label=${`Messages with ${nameOf(world.bot)}`} ...${ways} />`
    : html`<div class="messages"><p class="empty">Ask the bot something, or type a command.</p></div>`}
    <${Prompts} channel=${channel} me=${me} />
    <${Composer} channel="dm" place="dm" me=${me} label=${`Message ${nameOf(world.bot)}`} hint=${`Ask ${nameOf(world.bot)} about the news`} />`;
}

function Channel({ channel, me, ...ways }) {
  return html`<${Messages} channel=${channel} me=${me} label=${`Messages in ${channel.name}`} ...${ways} />
    <${Composer} channel=${channel.id} place=${channel.id} me=${me} label=${`Message #${channel.name}`} hint=${`Message #${channel.name}, or type ${world.slash}`} />`;
}

function Thread({ channel, thread, me, onClose, onInspect, marked }) {
  return html`<aside class="aside" aria-label="Thread"><header><h2>Thread</h2><span>${channel.name ? `#${channel.name}` : nameOf(world.bot)}</span>
    <button type="button" class="button square" aria-label="Close thread" title="Close" onClick=${onClose}><${Icon} name="close" /></button></header>
    <${Messages} channel=${channel} me=${me} thread=${thread} label="Messages of this thread" onInspect=${onInspect} onThread=${() => {}} marked=${marked} />
    <${Composer} channel=${channel.id} place=${channel.id} me=${me} thread=${thread} label="Reply in thread" hint="Reply, or ask about a story" /></aside>`;
}

function Notices() {
  return html`<div class="notices">${world.notices.map((n) => html`<div key=${n.id} class=${`notice ${n.level}`} role=${n.level === "error" ? "alert" : "status"}>
    <span>${n.text}</span><button type="button" class="button square" aria-label="Dismiss" onClick=${() => dismiss(n.id)}><${Icon} name="close" /></button></div>`)}</div>`;
}

/** A link to a message of this workspace leads to it here. */
function followedInside(event, show) {
  const link = event.target.closest && event.target.closest("a[href]");
  const found = link && /^https:\/\/[\w-]+\.slack\.com\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})/.exec(link.href);
  if (!found || !world.channels.has(found[1])) return;
  event.preventDefault();
  const thread = new URL(link.href).searchParams.get("thread_ts");
  show(found[1], `${found[2]}.${found[3]}`, thread);
}

function Page() {
  const [state, go] = useReducer((old, change) => ({ ...old, menu: false, marked: "", ...change }),
    { place: wanted.get("place") || "channel", channel: world.channel, thread: "", inspect: null, menu: false, marked: "" });
  const [me, setMe] = useState(world.me);
  const channel = world.channels.get(state.channel);
  const stack = world.modals[me] || [];
  const onThread = (ts) => go({ thread: ts, inspect: null, threadIn: state.place === "direct" ? [...world.channels.values()].find((c) => isDirect(c, me)).id : state.channel });
  const onInspect = (of) => go({ inspect: of });
  const inChannel = world.channels.get(state.threadIn || state.channel);
  const title = state.place === "channel" ? html`<span class="sign" aria-hidden="true">#</span>${channel.name}` : state.place === "home" ? "Home" : nameOf(world.bot);
  const ways = { onThread, onInspect, marked: state.marked };
  const show = (id, ts, thread) => go({ place: "channel", channel: id, threadIn: id, thread: thread || "", marked: ts });
  const known = state.inspect && state.inspect.ts && world.channels.get(state.inspect.channel);
  const version = known ? known.messages.get(state.inspect.ts) : stack.length;
  const aside = state.inspect && !stack.length
    ? html`<${Inspector} of=${state.inspect} version=${version} onClose=${() => go({ inspect: null })} />`
    : state.thread && inChannel && html`<${Thread} channel=${inChannel} thread=${state.thread} me=${me} marked=${state.marked} onClose=${() => go({ thread: "" })} onInspect=${onInspect} />`;
  const keys = (event) => { if (event.key === "Escape" && !stack.length) go({ inspect: null, thread: state.inspect ? state.thread : "" }); };
  return html`<div class=${`frame ${aside ? "with-aside" : ""}`} onClick=${(event) => followedInside(event, show)} onKeyDown=${keys}>
    <${Sidebar} state=${state} go=${(change) => go({ thread: "", inspect: null, ...change })} me=${me} setMe=${(user) => { setMe(user); go({ thread: "", inspect: null, place: "channel", channel: world.channel }); }} open=${state.menu} />
    <main class="main"><header class="top"><button type="button" class="button square only-narrow" aria-label="Places" aria-expanded=${state.menu} onClick=${() => go({ menu: !state.menu, marked: state.marked })}><${Icon} name="menu" /></button>
      <h2>${title}</h2>${state.place === "channel" && html`<span class="people">${channel.members.map((user) => html`<${Face} key=${user} user=${user} />`)}</span>`}
      ${!world.online && html`<span class="offline" role="status">Not connected</span>`}<${DateSetting} /></header>
      ${state.place === "home" ? html`<${Home} me=${me} onInspect=${onInspect} />`
        : state.place === "direct" ? html`<${Direct} me=${me} ...${ways} />` : html`<${Channel} channel=${channel} me=${me} ...${ways} />`}
    </main>
    ${aside}
    ${stack.length > 0 && html`<${Modal} stack=${stack} me=${me} onInspect=${onInspect} />`}
    ${state.inspect && stack.length > 0 && html`<${InspectorOver} of=${state.inspect} version=${version} onClose=${() => go({ inspect: null })} />`}
    <${Notices} /></div>`;
}

/** The messages of the channel alone, without anything around them, for a picture. */
function Still() {
  const channel = world.channels.get(world.channel);
  useEffect(() => {
    themed(wanted.get("theme") || "light");
    document.documentElement.dataset.drawn = "yes";
  }, []);
  return html`<main class="still" aria-label="Digest">${seen(channel, world.me).map((message) =>
    html`<${Message} key=${message.ts} message=${message} channel=${channel} me=${world.me} still=${true} />`)}</main>`;
}

function Root() {
  const [, draw] = useReducer((n) => n + 1, 0);
  useEffect(() => onChange(draw), []);
  if (!world.ready) return html`<p class="empty">Connecting…</p>`;
  return wanted.has("still") ? html`<${Still} />` : html`<${Page} />`;
}

follow();
render(html`<${Root} />`, document.getElementById("page"));
