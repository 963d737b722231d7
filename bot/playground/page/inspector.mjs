// A message or a view looked into: its sizes against Slack's limits, what is wrong with it, and its JSON.
import { useEffect, useState } from "preact/hooks";
import { html, Icon } from "./html.mjs";
import { act } from "./live.mjs";

const figure = new Intl.NumberFormat("en-GB");

function Meter({ size }) {
  const share = Math.min(1, size.used / size.most);
  const level = size.used > size.most ? "over" : share > 0.85 ? "near" : "fine";
  return html`<div class=${`size ${level}`}><span>${size.name}</span><span class="figures">${figure.format(size.used)} of ${figure.format(size.most)}</span>
    <meter min="0" max=${size.most} high=${size.most * 0.85} value=${size.used} aria-label=${size.name}></meter></div>`;
}

function Problems({ title, told, fine }) {
  return html`<section><h3>${title}</h3>${told.length
    ? html`<ul class="problems">${told.map((problem) => html`<li key=${problem}>${problem}</li>`)}</ul>` : html`<p class="fine">${fine}</p>`}</section>`;
}

export function Inspected({ of, version }) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let wanted = true;
    const asked = of.view ? act("inspect_view", { view: of.view }) : act("inspect_message", { channel: of.channel, ts: of.ts });
    asked.then((told) => { if (wanted) setFound(told); });
    return () => { wanted = false; };
  }, [of.view, of.channel, of.ts, version]);
  if (!found) return html`<p class="empty">Looking…</p>`;
  const copy = () => navigator.clipboard.writeText(JSON.stringify(found.json, null, 2));
  return html`<div class="inspected" tabindex="0" role="region" aria-label="What the inspector tells">
    <section><h3>Size</h3>${found.sizes.map((size) => html`<${Meter} key=${size.name} size=${size} />`)}</section>
    <${Problems} title="What Slack says" told=${found.slack} fine="Slack takes every block." />
    ${of.view ? null : html`<${Problems} title="The rules of a digest" told=${found.digest} fine="Nothing is against them." />`}
    <section><h3>JSON <button type="button" class="button" onClick=${copy}>Copy</button></h3>
      <pre class="json" tabindex="0">${JSON.stringify(found.json, null, 2)}</pre></section></div>`;
}

export function Inspector({ of, version, onClose }) {
  return html`<aside class="aside" aria-label="Inspector"><header><h2>Inspector</h2>
    <button type="button" class="button square" aria-label="Close inspector" title="Close" onClick=${onClose}><${Icon} name="close" /></button></header>
    <${Inspected} of=${of} version=${version} /></aside>`;
}

/** The same over a modal, which covers all else. */
export function InspectorOver({ of, version, onClose }) {
  const shown = (node) => { if (node && !node.open) node.showModal(); };
  return html`<dialog class="modal" ref=${shown} aria-label="Inspector" onCancel=${(event) => { event.preventDefault(); onClose(); }}>
    <header><h2>Inspector</h2><button type="button" class="button square" aria-label="Close inspector" onClick=${onClose}><${Icon} name="close" /></button></header>
    <${Inspected} of=${of} version=${version} /></dialog>`;
}
