// Slack's three kinds of marked text as elements: rich text, mrkdwn, and the markdown of a markdown block.
import { html, Out } from "./html.mjs";
import { nameOf, world } from "./live.mjs";

const EMOJI = {
  white_check_mark: "✅", warning: "⚠️", rocket: "🚀", newspaper: "📰", tada: "🎉", eyes: "👀", thumbsup: "👍", "+1": "👍",
  thumbsdown: "👎", "-1": "👎", bulb: "💡", chart_with_upwards_trend: "📈", mag: "🔍", star: "⭐", fire: "🔥", wave: "👋", x: "❌",
  heavy_check_mark: "✔️", hourglass_flowing_sand: "⏳", bookmark: "🔖", link: "🔗", robot_face: "🤖", sparkles: "✨",
};

const Emoji = ({ name, unicode }) => {
  const shown = unicode ? String.fromCodePoint(...unicode.split("-").map((c) => parseInt(c, 16))) : EMOJI[name];
  return shown ? html`<span role="img" aria-label=${name.replaceAll("_", " ")}>${shown}</span>` : html`<span>:${name}:</span>`;
};

const Mention = ({ children }) => html`<span class="mention">${children}</span>`;
const channelName = (id) => {
  const channel = world.channels && world.channels.get(id);
  return channel ? channel.name || "direct message" : id;
};
const ofDate = (timestamp, format) => {
  const date = new Date(timestamp * 1000);
  const day = { date: "medium", date_short: "medium", date_num: "short", date_long: "full", date_pretty: "medium" };
  return format.replace(/\{(\w+)\}/g, (whole, name) =>
    name.startsWith("time")
      ? new Intl.DateTimeFormat("en-GB", { timeStyle: name === "time_secs" ? "medium" : "short" }).format(date)
      : day[name] ? new Intl.DateTimeFormat("en-GB", { dateStyle: day[name] }).format(date) : whole);
};

// -- rich text ------------------------------------------------------------------------------------------------------

const STYLES = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"], ["highlight", "mark"]];

function styled(style, content) {
  return STYLES.reduce((inner, [name, tag]) => (style && style[name] ? html`<${tag}>${inner}<//>` : inner), content);
}

/** Text with its line breaks. */
const lines = (text) => text.split("\n").flatMap((line, n) => (n ? [html`<br />`, line] : [line]));

function Piece({ piece }) {
  const { type, style } = piece;
  switch (type) {
    case "text": return styled(style, lines(piece.text));
    case "link": return styled(style, html`<${Out} url=${piece.url}>${piece.text || piece.url}<//>`);
    case "emoji": return html`<${Emoji} name=${piece.name} unicode=${piece.unicode} />`;
    case "user": return html`<${Mention}>@${nameOf(piece.user_id)}<//>`;
    case "channel": return html`<${Mention}>#${channelName(piece.channel_id)}<//>`;
    case "usergroup": return html`<${Mention}>@${piece.usergroup_id}<//>`;
    case "broadcast": return html`<${Mention}>@${piece.range}<//>`;
    case "date": return html`<time>${ofDate(piece.timestamp, piece.format) || piece.fallback}</time>`;
    case "color": return html`<code>${piece.value}</code>`;
    default: return html`<code class="unknown-inline">${type}</code>`;
  }
}

const pieces = (elements) => (elements || []).map((piece, n) => html`<${Piece} key=${n} piece=${piece} />`);

function RichPart({ part }) {
  switch (part.type) {
    case "rich_text_section": return html`<p>${pieces(part.elements)}</p>`;
    case "rich_text_quote": return html`<blockquote>${pieces(part.elements)}</blockquote>`;
    case "rich_text_preformatted": return html`<pre tabindex="0">${pieces(part.elements)}</pre>`;
    case "rich_text_list": {
      const tag = part.style === "ordered" ? "ol" : "ul";
      const items = part.elements.map((item, n) => html`<li key=${n}>${pieces(item.elements)}</li>`);
      return html`<${tag} class=${`indent-${Math.min(part.indent || 0, 8)}`} start=${tag === "ol" ? (part.offset || 0) + 1 : null}>${items}<//>`;
    }
    default: return html`<p><code class="unknown-inline">${part.type}</code></p>`;
  }
}

export const RichText = ({ elements }) => html`<div class="rich">${elements.map((part, n) => html`<${RichPart} key=${n} part=${part} />`)}</div>`;

// -- mrkdwn ---------------------------------------------------------------------------------------------------------

const unescaped = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const MRKDWN = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])|:([a-z0-9_+-]+):/g;

function inAngles(inside) {
  const [target, label] = inside.split(/\|([\s\S]*)/);
  if (target.startsWith("@")) return html`<${Mention}>@${label || nameOf(target.slice(1))}<//>`;
  if (target.startsWith("#")) return html`<${Mention}>#${label || channelName(target.slice(1))}<//>`;
  if (target.startsWith("!date^")) {
    const [, timestamp, format] = target.split("^");
    return html`<time>${ofDate(Number(timestamp), format || "") || label}</time>`;
  }
  if (target.startsWith("!")) return html`<${Mention}>@${label || target.slice(1)}<//>`;
  return html`<${Out} url=${unescaped(target)}>${unescaped(label || target)}<//>`;
}

function inline(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(MRKDWN)) {
    found.push(...lines(unescaped(text.slice(end, match.index))));
    const [, block, code, angles, bold, italic, strike, emoji] = match;
    if (block !== undefined) found.push(html`<pre tabindex="0">${unescaped(block.replace(/^\n/, ""))}</pre>`);
    else if (code !== undefined) found.push(html`<code>${unescaped(code)}</code>`);
    else if (angles !== undefined) found.push(inAngles(angles));
    else if (bold !== undefined) found.push(html`<strong>${inline(bold)}</strong>`);
    else if (italic !== undefined) found.push(html`<em>${inline(italic)}</em>`);
    else if (strike !== undefined) found.push(html`<s>${inline(strike)}</s>`);
    else found.push(EMOJI[emoji] ? html`<${Emoji} name=${emoji} />` : match[0]);
    end = match.index + match[0].length;
  }
  found.push(...lines(unescaped(text.slice(end))));
  return found;
}

/** Lines that begin with > are quotes. */
export function Mrkdwn({ text }) {
  const parts = [];
  for (const line of text.split("\n")) {
    const quoted = line.startsWith("&gt;") || line.startsWith(">");
    const words = quoted ? line.replace(/^(&gt;|>) ?/, "") : line;
    const last = parts[parts.length - 1];
    if (last && last.quoted === quoted) last.lines.push(words);
    else parts.push({ quoted, lines: [words] });
  }
  return html`<span class="mrkdwn">${parts.map(({ quoted, lines: held }) =>
    quoted ? html`<blockquote>${inline(held.join("\n"))}</blockquote>` : inline(held.join("\n")))}</span>`;
}

/** A text object. */
export function Text({ text }) {
  if (!text) return null;
  return text.type === "mrkdwn" ? html`<${Mrkdwn} text=${text.text} />` : html`<span>${lines(text.text)}</span>`;
}

// -- markdown -------------------------------------------------------------------------------------------------------

const MARKS = /`([^`]+)`|!?\[([^\]]*)\]\((https?:\/\/[^\s)]+)\)|<(https?:\/\/[^\s<>]+)>|\*\*(?=\S)(.+?)\*\*|(?<!\w)[*_](?=\S)([^*_]+?)[*_](?!\w)|~~(.+?)~~|(https?:\/\/[^\s<>)]+)/g;

function marked(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(MARKS)) {
    found.push(...lines(plainly(text.slice(end, match.index))));
    const [, code, label, target, angled, bold, italic, strike, bare] = match;
    if (code !== undefined) found.push(html`<code>${code}</code>`);
    else if (target) found.push(html`<${Out} url=${target}>${label || target}<//>`);
    else if (angled || bare) found.push(html`<${Out} url=${angled || bare}>${angled || bare}<//>`);
    else if (bold !== undefined) found.push(html`<strong>${marked(bold)}</strong>`);
    else if (italic !== undefined) found.push(html`<em>${marked(italic)}</em>`);
    else found.push(html`<s>${marked(strike)}</s>`);
    end = match.index + match[0].length;
  }
  found.push(...lines(plainly(text.slice(end))));
  return found;
}

const plainly = (text) => text.replace(/\\([\\`*_{}[\]()#+\-.!<>~|&])/g, "$1");
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;

export function Markdown({ text }) {
  const blocks = [];
  const rows = text.split("\n");
  for (let n = 0; n < rows.length; n++) {
    const row = rows[n];
    if (/^\s*```/.test(row)) {
      const code = [];
      for (n++; n < rows.length && !/^\s*```/.test(rows[n]); n++) code.push(rows[n]);
      blocks.push(html`<pre tabindex="0">${code.join("\n")}</pre>`);
      continue;
    }
    const heading = /^(#{1,6})\s+(.*)$/.exec(row);
    const quote = /^>\s?(.*)$/.exec(row);
    const item = ITEM.exec(row);
    if (!row.trim()) continue;
    if (/^\s*(?:---+|\*\*\*+)\s*$/.test(row)) blocks.push(html`<hr />`);
    else if (heading) blocks.push(html`<p class="md-heading"><strong>${marked(heading[2])}</strong></p>`);
    else if (quote) {
      const held = [quote[1]];
      while (n + 1 < rows.length && /^>\s?/.test(rows[n + 1])) held.push(rows[++n].replace(/^>\s?/, ""));
      blocks.push(html`<blockquote>${marked(held.join("\n"))}</blockquote>`);
    } else if (item) {
      const items = [item[2]];
      while (n + 1 < rows.length && ITEM.test(rows[n + 1])) items.push(ITEM.exec(rows[++n])[2]);
      const tag = item[1] ? "ol" : "ul";
      blocks.push(html`<${tag} start=${item[1] || null}>${items.map((words) => html`<li>${marked(words)}</li>`)}<//>`);
    } else {
      const held = [row];
      while (n + 1 < rows.length && rows[n + 1].trim() && !ITEM.test(rows[n + 1]) && !/^(#{1,6}\s|>|\s*```)/.test(rows[n + 1])) held.push(rows[++n]);
      blocks.push(html`<p>${marked(held.join("\n"))}</p>`);
    }
  }
  return html`<div class="rich markdown">${blocks}</div>`;
}
