// What people press, choose and type into: the elements of blocks, in messages and in views.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { html, Icon } from "./html.mjs";
import { act, world } from "./live.mjs";
import { Text } from "./text.mjs";

/** Of each view or message, what was typed into its inputs and not yet sent, by block and action. */
const typed = new Map();
const keyOf = (holder, block, element) => [holder.ts || holder.id, block.block_id, element.action_id].join("|");

export function typedIn(view) {
  const values = {};
  for (const block of view.blocks) {
    const key = block.element && keyOf(view, block, block.element);
    if (key && typed.has(key)) values[block.block_id] = typed.get(key);
  }
  return values;
}

/** Use an element: in a modal, what was typed in its inputs goes along. */
async function use(context, block, element, choice) {
  const { holder, me } = context;
  if (holder.type === "modal") {
    const values = typedIn(holder);
    if (Object.keys(values).length) await act("fill", { user: me, values });
  }
  const args = { user: me, where: holder.ts || holder.id, action_id: element.action_id, block_id: block.block_id };
  await act("click", choice === undefined ? args : { ...args, choice });
}

function useConfirm(element) {
  const [asking, setAsking] = useState(null);
  const ask = (go) => (element.confirm ? setAsking(() => go) : go());
  const dialog = asking && html`<${Confirm} confirm=${element.confirm} onYes=${() => { setAsking(null); asking(); }} onNo=${() => setAsking(null)} />`;
  return [ask, dialog];
}

function Confirm({ confirm, onYes, onNo }) {
  const dialog = useRef();
  useEffect(() => dialog.current.showModal(), []);
  return html`<dialog ref=${dialog} class="modal small" aria-label=${confirm.title.text} onCancel=${onNo}>
    <header><h2>${confirm.title.text}</h2></header>
    <div class="modal-body"><${Text} text=${confirm.text} /></div>
    <footer><button class="button" onClick=${onNo}>${confirm.deny ? confirm.deny.text : "Cancel"}</button>
    <button class="button primary" onClick=${onYes}>${confirm.confirm ? confirm.confirm.text : "Yes"}</button></footer></dialog>`;
}

function Button({ element, block, context }) {
  const [busy, setBusy] = useState(false);
  const [ask, dialog] = useConfirm(element);
  const label = element.accessibility_label || undefined;
  const style = `button ${element.style || ""}`;
  const press = async () => { setBusy(true); await use(context, block, element); setBusy(false); };
  if (element.url)
    return html`<a class=${style} href=${element.url} target="_blank" rel="noopener noreferrer" aria-label=${label} onClick=${() => { press(); }}>${element.text.text}</a>`;
  return html`<button type="button" class=${style} aria-label=${label} aria-busy=${busy} disabled=${context.still} onClick=${() => ask(press)}>${element.text.text}</button>${dialog}`;
}

/** A menu that a button opens, closed by Escape and by a press elsewhere; moved through by the arrows. */
export function Menu({ label, items, children, align = "left", style = "button square" }) {
  const [open, setOpen] = useState(false);
  const root = useRef();
  useEffect(() => {
    if (!open) return undefined;
    const first = root.current.querySelector("[role=menuitem]");
    if (first) first.focus();
    const elsewhere = (event) => { if (!root.current.contains(event.target)) setOpen(false); };
    document.addEventListener("pointerdown", elsewhere);
    return () => document.removeEventListener("pointerdown", elsewhere);
  }, [open]);
  const close = () => { setOpen(false); root.current.querySelector("button").focus(); };
  const keys = (event) => {
    if (event.key === "Escape" && open) { event.preventDefault(); event.stopPropagation(); close(); }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (!open) { setOpen(true); return; }
    const there = [...root.current.querySelectorAll("[role=menuitem]")];
    const at = there.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    there[(at + there.length) % there.length].focus();
  };
  return html`<span class="menu" ref=${root} onKeyDown=${keys}>
    <button type="button" class=${style} aria-haspopup="menu" aria-expanded=${open} aria-label=${label} title=${label} onClick=${() => setOpen(!open)}>${children}</button>
    ${open && html`<span class=${`menu-items ${align}`} role="menu" aria-label=${label}>${items.map((item) =>
      html`<button type="button" role="menuitem" tabindex="-1" key=${item.text} onClick=${() => { close(); item.run(); }}>${item.text}${item.about && html`<small>${item.about}</small>`}</button>`)}</span>`}
  </span>`;
}

function Overflow({ element, block, context }) {
  const [ask, dialog] = useConfirm(element);
  const items = element.options.map((option) => ({
    text: option.text.text,
    about: option.description && option.description.text,
    run: () => ask(() => {
      if (option.url) window.open(option.url, "_blank", "noopener,noreferrer");
      use(context, block, element, option.value);
    }),
  }));
  return html`<${Menu} label="More actions" items=${items}><${Icon} name="more" /><//>${dialog}`;
}

function Feedback({ element, block, context }) {
  const [given, setGiven] = useState("");
  const vote = (name, icon) => {
    const button = element[`${name}_button`];
    const label = button.accessibility_label || button.text.text;
    return html`<button type="button" class="button square" aria-label=${label} title=${button.text.text} aria-pressed=${given === name}
      onClick=${() => { setGiven(name); use(context, block, element, name); }}><${Icon} name=${icon} /></button>`;
  };
  return html`<span class="feedback" role="group" aria-label="Was this a good answer?">${vote("positive", "up")}${vote("negative", "down")}</span>`;
}

function IconButton({ element, block, context }) {
  return html`<button type="button" class="button" aria-label=${element.accessibility_label} onClick=${() => use(context, block, element)}>${element.text.text}</button>`;
}

// -- inputs ---------------------------------------------------------------------------------------------------------

/** The value that stands in an input: what was typed, else what the workspace says, else what it begins with. */
function useValue(element, block, context, initial) {
  const key = keyOf(context.holder, block, element);
  const [value, setValue] = useState(typed.has(key) ? typed.get(key) : initial);
  useEffect(() => setValue(typed.has(key) ? typed.get(key) : initial), [key]);
  const set = (next) => {
    typed.set(key, next);
    setValue(next);
    if (block.type !== "input" || block.dispatch_action) use(context, block, element, next);
  };
  return [value, set];
}

const optionsOf = (element) => (element.option_groups || [{ options: element.options || [] }]);
const placeholder = (element) => (element.placeholder ? element.placeholder.text : undefined);

function Written({ element, block, context, named, kind = "text" }) {
  const [value, set] = useValue(element, block, context, element.initial_value || "");
  const common = {
    ...named, value, placeholder: placeholder(element), autofocus: element.focus_on_load,
    onInput: (event) => set(event.target.value),
  };
  if (element.multiline) return html`<textarea ...${common} rows="3" maxlength=${element.max_length}></textarea>`;
  return html`<input ...${common} type=${kind} maxlength=${element.max_length} autocomplete="off"
    inputmode=${element.type === "number_input" ? "decimal" : undefined} />`;
}

function Select({ element, block, context, named }) {
  const initial = element.initial_option ? element.initial_option.value : "";
  const [value, set] = useValue(element, block, context, initial);
  const option = (o) => html`<option key=${o.value} value=${o.value}>${o.text.text}</option>`;
  return html`<select ...${named} value=${value} onChange=${(event) => set(event.target.value)}>
    <option value="" disabled>${placeholder(element) || "Choose"}</option>
    ${optionsOf(element).map((g) => (g.label ? html`<optgroup label=${g.label.text}>${g.options.map(option)}</optgroup>` : g.options.map(option)))}</select>`;
}

function Several({ element, block, context, named, options }) {
  const held = options || optionsOf(element).flatMap((g) => g.options);
  const initial = options ? element.initial_users || element.initial_conversations || element.initial_channels : (element.initial_options || []).map((o) => o.value);
  const [value, set] = useValue(element, block, context, initial || []);
  const change = (event) => set([...event.target.selectedOptions].map((o) => o.value));
  return html`<select ...${named} multiple size=${Math.min(6, held.length)} onChange=${change}>
    ${held.map((o) => html`<option key=${o.value} value=${o.value} selected=${value.includes(o.value)}>${o.text.text}</option>`)}</select>`;
}

function OfWorkspace({ element, block, context, named }) {
  const ofUsers = element.type.includes("users");
  const options = ofUsers
    ? [...world.users.values()].map((u) => ({ value: u.id, text: { text: u.real_name || u.name } }))
    : [...world.channels.values()].filter((c) => c.name).map((c) => ({ value: c.id, text: { text: `#${c.name}` } }));
  if (element.type.startsWith("multi_")) return html`<${Several} ...${{ element, block, context, named, options }} />`;
  const initial = element.initial_user || element.initial_conversation || element.initial_channel || "";
  const [value, set] = useValue(element, block, context, initial);
  return html`<select ...${named} value=${value} onChange=${(event) => set(event.target.value)}>
    <option value="" disabled>${placeholder(element) || "Choose"}</option>
    ${options.map((o) => html`<option key=${o.value} value=${o.value}>${o.text.text}</option>`)}</select>`;
}

/** A menu whose options the app gives as somebody types. */
function External({ element, block, context, named }) {
  const initial = element.initial_option || null;
  const [value, set] = useValue(element, block, context, initial);
  const [words, setWords] = useState(null);
  const [found, setFound] = useState([]);
  const [at, setAt] = useState(0);
  const asked = useRef(0);
  const list = useId();
  const ask = async (text) => {
    setWords(text);
    const mine = ++asked.current;
    if (text.length < (element.min_query_length === undefined ? 3 : element.min_query_length)) { setFound([]); return; }
    const { holder, me } = context;
    const options = await act("suggest", { user: me, where: holder.ts || holder.id, action_id: element.action_id, typed: text });
    if (mine === asked.current && Array.isArray(options)) { setFound(options.flatMap((o) => o.options || [o])); setAt(0); }
  };
  const choose = (option) => { asked.current++; set(option); setWords(null); setFound([]); };
  const keys = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (found.length) setAt((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Enter" && found[at]) { event.preventDefault(); choose(found[at]); }
    else if (event.key === "Escape" && words !== null) { event.preventDefault(); event.stopPropagation(); setWords(null); setFound([]); }
  };
  const open = found.length > 0;
  return html`<span class="combo">
    <input ...${named} type="text" role="combobox" aria-expanded=${open} aria-controls=${list} aria-autocomplete="list"
      aria-activedescendant=${open ? `${list}-${at}` : undefined} autocomplete="off" placeholder=${placeholder(element)}
      value=${words === null ? (value ? value.text.text : "") : words} onInput=${(event) => ask(event.target.value)} onKeyDown=${keys}
      onBlur=${() => { setWords(null); setFound([]); }} />
    ${open && html`<span class="combo-items" id=${list} role="listbox" aria-label="Suggestions">${found.map((option, n) =>
      html`<span key=${option.value} id=${`${list}-${n}`} role="option" aria-selected=${n === at} class=${n === at ? "at" : ""}
        onPointerDown=${(event) => { event.preventDefault(); choose(option); }}>${option.text.text}</span>`)}</span>`}
  </span>`;
}

function Boxes({ element, block, context, named }) {
  const one = element.type === "radio_buttons";
  const initial = one ? element.initial_option && element.initial_option.value : (element.initial_options || []).map((o) => o.value);
  const [value, set] = useValue(element, block, context, initial);
  const name = useId();
  const toggle = (option, on) => {
    if (one) { set(option.value); return; }
    const kept = element.options.map((o) => o.value).filter((v) => (v === option.value ? on : (value || []).includes(v)));
    set(kept);
  };
  return html`<span class="boxes" role=${one ? "radiogroup" : "group"} id=${named.id} aria-label=${named.label} aria-describedby=${named["aria-describedby"]}>${element.options.map((option) => html`<label key=${option.value}>
    <input type=${one ? "radio" : "checkbox"} name=${name} checked=${one ? value === option.value : (value || []).includes(option.value)}
      onChange=${(event) => toggle(option, event.target.checked)} />
    <span><${Text} text=${option.text} />${option.description && html`<small><${Text} text=${option.description} /></small>`}</span></label>`)}</span>`;
}

function Moment({ element, block, context, named }) {
  const [kind, initial] = { datepicker: ["date", element.initial_date], timepicker: ["time", element.initial_time] }[element.type] || ["datetime-local", ""];
  const [value, set] = useValue(element, block, context, initial || "");
  const shown = kind === "datetime-local" && value ? new Date(value * 1000).toISOString().slice(0, 16) : value;
  const change = (event) => set(kind === "datetime-local" ? Math.floor(Date.parse(event.target.value + "Z") / 1000) : event.target.value);
  return html`<input ...${named} type=${kind} value=${shown} onChange=${change} />`;
}

const Address = (kind) => (props) => html`<${Written} ...${props} kind=${kind} />`;

const KINDS = {
  button: Button, overflow: Overflow, feedback_buttons: Feedback, icon_button: IconButton,
  plain_text_input: Written, number_input: Written, email_text_input: Address("email"), url_text_input: Address("url"),
  static_select: Select, multi_static_select: Several, external_select: External,
  users_select: OfWorkspace, multi_users_select: OfWorkspace, conversations_select: OfWorkspace, multi_conversations_select: OfWorkspace,
  channels_select: OfWorkspace, multi_channels_select: OfWorkspace,
  checkboxes: Boxes, radio_buttons: Boxes, datepicker: Moment, timepicker: Moment, datetimepicker: Moment,
};

/** `named`: the id and descriptions that tie an input to its label; an element outside an input block names itself. */
export function Element({ element, block, context, named }) {
  const Kind = KINDS[element.type];
  if (!Kind) return html`<span class="unknown-inline">${element.type}: this page does not know this element</span>`;
  const own = named || { "aria-label": placeholder(element) || element.action_id };
  return html`<${Kind} element=${element} block=${block} context=${context} named=${own} />`;
}

export const forget = (view) => { for (const key of [...typed.keys()]) if (key.startsWith(view.id + "|")) typed.delete(key); };
