// The one way in which this page makes elements: text is always text, never markup.
import { h } from "preact";
import htm from "htm";

export const html = htm.bind(h);

const PATHS = {
  menu: "M3 6h18M3 12h18M3 18h18",
  close: "M5 5l14 14M19 5L5 19",
  reply: "M4 5h16v11H10l-5 4v-4H4z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  inspect: "M9 8l-5 4 5 4M15 8l5 4-5 4",
  send: "M4 12l16-8-6 16-3-6z",
  up: "M7 11v9H4v-9zM7 11l4-8c2 0 3 1 3 3v3h5c1 0 2 1 2 2l-2 8c0 1-1 1-2 1H7",
  down: "M17 13V4h3v9zM17 13l-4 8c-2 0-3-1-3-3v-3H5c-1 0-2-1-2-2l2-8c0-1 1-1 2-1h10",
  home: "M4 11l8-7 8 7v9h-6v-6h-4v6H4z",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  chevron: "M6 9l6 6 6-6",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
};

export const Icon = ({ name }) => html`<svg class=${name === "more" ? "icon dots" : "icon"} viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;

const SAFE = /^(https?:\/\/|mailto:)/i;

/** A link that opens elsewhere; an address of another scheme is shown as words. */
export const Out = ({ url, children }) =>
  SAFE.test(url || "")
    ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${children}</a>`
    : html`<span>${children}</span>`;

/** Where a file that the bot uploaded is, on this page's own server; "" for a picture that lies elsewhere. */
export function ownFile(image) {
  if (image.slack_file && image.slack_file.id) return "/files/" + encodeURIComponent(image.slack_file.id);
  const url = (image.slack_file && image.slack_file.url) || image.image_url || image.url_private || "";
  const found = /^http:\/\/127\.0\.0\.1:\d+\/files\/[^/]+\/([^/]+)\//.exec(url);
  return found ? "/files/" + found[1] : "";
}
