// The modal on top of a person's stack.
import { useEffect, useRef, useState } from "preact/hooks";
import { Blocks } from "./blocks.mjs";
import { forget, typedIn } from "./elements.mjs";
import { html, Icon } from "./html.mjs";
import { act } from "./live.mjs";

export function Modal({ stack, me, onInspect }) {
  const view = stack[stack.length - 1];
  const dialog = useRef();
  const [errors, setErrors] = useState({});
  const [busy, setBusy] = useState(false);
  useEffect(() => { if (!dialog.current.open) dialog.current.showModal(); }, []);
  useEffect(() => {
    setErrors({});
    const body = dialog.current.querySelector(".modal-body");
    body.scrollTop = 0;
    (body.querySelector("input, textarea, select") || body).focus({ preventScroll: true });
  }, [view.id]);
  useEffect(() => {
    const bad = dialog.current.querySelector("[aria-invalid=true]");
    if (bad) {
      bad.focus({ preventScroll: true });
      bad.closest(".input").scrollIntoView({ block: "center" });
    }
  }, [errors]);
  const close = (all) => { forget(view); act("close", { user: me, all_of_them: all }); };
  const submit = async (event) => {
    event.preventDefault();
    if (!view.submit || busy) return;
    setBusy(true);
    const answer = await act("submit", { user: me, values: typedIn(view) });
    setBusy(false);
    if (!answer) return;
    setErrors(answer.errors || {});
    if (!answer.error && !Object.keys(answer.errors || {}).length) forget(view);
  };
  const cancel = (event) => { event.preventDefault(); close(false); };
  const context = { me, holder: view, errors };
  return html`<dialog ref=${dialog} class="modal" aria-labelledby="modal-title" onCancel=${cancel}>
    <form onSubmit=${submit} novalidate>
      <header><img class="face" src="/page/icon.svg" alt="" /><h2 id="modal-title">${view.title.text}</h2>
        <button type="button" class="button square" aria-label="Inspect view" title="Inspect: JSON, validation, size" onClick=${() => onInspect({ view: view.id })}><${Icon} name="inspect" /></button>
        <button type="button" class="button square" aria-label="Close" title="Close" onClick=${() => close(true)}><${Icon} name="close" /></button></header>
      <div class="modal-body" tabindex="0" role="region" aria-label=${view.title.text}><${Blocks} blocks=${view.blocks} context=${context} /></div>
      <footer><button type="button" class="button" onClick=${() => close(false)}>${view.close ? view.close.text : stack.length > 1 ? "Back" : "Cancel"}</button>
        ${view.submit && html`<button class="button primary" disabled=${busy} aria-busy=${busy}>${view.submit.text}</button>`}</footer>
    </form></dialog>`;
}
