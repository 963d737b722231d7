// Where one types: messages, and the bot's command with its words completed.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { html, Icon } from "./html.mjs";
import { act, notice, world } from "./live.mjs";

/** What could stand in the place of what is being typed: its beginning, and each with what it is about. */
export function completions(text, caret) {
  const before = text.slice(0, caret);
  const { slash, commands, users } = world;
  if (before.startsWith("/")) {
    const [first, ...rest] = before.split(" ");
    const word = rest.length ? rest.join(" ") : "";
    if (!rest.length && !slash.startsWith(first)) return [];
    if (rest.length > 1) return [];
    return commands.filter((c) => c.name.startsWith(word.toLowerCase()) && c.name !== word)
      .map((c) => ({ from: 0, put: `${slash} ${c.name} `, shown: `${slash} ${c.usage}`, about: c.about, done: !c.takes }));
  }
  const mention = /(?:^|\s)@([\w.-]*)$/.exec(before);
  if (!mention) return [];
  return [...users.values()].filter((u) => u.name.startsWith(mention[1]) && u.name !== mention[1])
    .map((u) => ({ from: caret - mention[1].length, put: `${u.name} `, shown: `@${u.name}`, about: u.real_name, done: false }));
}

export function Composer({ channel, place, me, thread, label, hint }) {
  const [text, setText] = useState("");
  const [offered, setOffered] = useState([]);
  const [at, setAt] = useState(-1);
  const box = useRef();
  const list = useId();
  useEffect(() => { setText(""); setOffered([]); }, [channel, thread]);
  useEffect(() => {
    const node = box.current;
    node.style.height = "auto";
    node.style.height = `${Math.min(node.scrollHeight, 180)}px`;
  }, [text]);

  const type = (value) => {
    setText(value);
    setOffered(thread && value.startsWith("/") ? [] : completions(value, box.current.selectionStart));
    setAt(-1);
  };
  const take = (choice) => {
    const after = text.slice(box.current.selectionStart);
    const next = text.slice(0, choice.from) + choice.put + after.trimStart();
    setText(choice.done ? next.trimEnd() : next);
    setOffered([]);
    box.current.focus();
  };
  const send = async () => {
    const said = text.trim();
    if (!said) return;
    if (said.startsWith("/") && thread) { notice("error", "Slack takes no commands in threads: type it in the channel."); return; }
    setText("");
    setOffered([]);
    if (said.startsWith("/")) await act("command", { user: me, channel: place, text: said });
    else await act("say", { user: me, channel: place, text: said, ...(thread ? { thread_ts: thread } : {}) });
  };
  const keys = (event) => {
    const open = offered.length > 0;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      setAt((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + offered.length) % offered.length);
    } else if (open && (event.key === "Tab" || (event.key === "Enter" && at >= 0))) {
      event.preventDefault();
      take(offered[Math.max(at, 0)]);
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      setOffered([]);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  };
  const open = offered.length > 0;
  return html`<form class="composer" onSubmit=${(event) => { event.preventDefault(); send(); }}>
    ${open && html`<div class="completions" id=${list} role="listbox" aria-label="Completions">${offered.map((choice, n) =>
      html`<div key=${choice.shown} id=${`${list}-${n}`} role="option" aria-selected=${n === at} class=${n === at ? "at" : ""}
        onPointerDown=${(event) => { event.preventDefault(); take(choice); }}><strong>${choice.shown}</strong><span>${choice.about}</span></div>`)}</div>`}
    <div class="composer-box">
      <textarea ref=${box} rows="1" value=${text} aria-label=${label} placeholder=${hint} role="combobox" aria-expanded=${open} aria-controls=${list}
        aria-autocomplete="list" aria-activedescendant=${open && at >= 0 ? `${list}-${at}` : undefined}
        onInput=${(event) => type(event.target.value)} onKeyDown=${keys} onBlur=${() => setOffered([])}></textarea>
      <button class="button send" aria-label="Send" title="Send" disabled=${!text.trim()}><${Icon} name="send" /></button>
    </div></form>`;
}
