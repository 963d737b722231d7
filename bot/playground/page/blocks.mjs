// Blocks as people see them. A block that this page does not know is shown as such, never left out.
import { useId } from "preact/hooks";
import { Element } from "./elements.mjs";
import { html, ownFile } from "./html.mjs";
import { Markdown, Mrkdwn, RichText, Text } from "./text.mjs";

const Header = ({ block }) => html`<h3 class="block-header">${block.text.text}</h3>`;
const Divider = () => html`<hr />`;

function Section({ block, context }) {
  return html`<div class="section"><div class="section-text">
    ${block.text && html`<div class="words"><${Text} text=${block.text} /></div>`}
    ${block.fields && html`<div class="fields">${block.fields.map((field, n) => html`<div key=${n}><${Text} text=${field} /></div>`)}</div>`}
  </div>${block.accessory && html`<div class="accessory">${block.accessory.type === "image"
    ? html`<${Picture} image=${block.accessory} />` : html`<${Element} element=${block.accessory} block=${block} context=${context} />`}</div>`}</div>`;
}

const Context = ({ block }) => html`<div class="context">${block.elements.map((element, n) =>
  html`<span key=${n} class="context-part">${element.type === "image" ? html`<${Picture} image=${element} />` : html`<${Text} text=${element} />`}</span>`)}</div>`;

const Actions = ({ block, context }) => html`<div class="actions">${block.elements.map((element) =>
  html`<${Element} key=${element.action_id} element=${element} block=${block} context=${context} />`)}</div>`;

function Picture({ image }) {
  const own = ownFile(image);
  if (own) return html`<img src=${own} alt=${image.alt_text || image.alt_txt || ""} />`;
  return html`<span class="elsewhere" role="img" aria-label=${image.alt_text}>${image.alt_text} <small>(a picture that lies elsewhere is not loaded here)</small></span>`;
}

const Image = ({ block }) => html`<figure>${block.title && html`<figcaption><${Text} text=${block.title} /></figcaption>`}<${Picture} image=${block} /></figure>`;

function Input({ block, context }) {
  const id = useId();
  const { element } = block;
  const error = context.errors && context.errors[block.block_id];
  const grouped = element.type === "checkboxes" || element.type === "radio_buttons";
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const named = { id, "aria-describedby": described, "aria-invalid": error ? "true" : undefined, label: grouped ? block.label.text : undefined };
  const words = html`${block.label.text}${block.optional && html` <small>(optional)</small>`}`;
  return html`<div class=${`input ${error ? "bad" : ""}`}>
    ${grouped ? html`<span class="label">${words}</span>` : html`<label class="label" for=${id}>${words}</label>`}
    <${Element} element=${element} block=${block} context=${context} named=${named} />
    ${error && html`<span class="error" id=${`${id}-error`} role="alert">${error}</span>`}
    ${block.hint && html`<small class="hint" id=${`${id}-hint`}>${block.hint.text}</small>`}</div>`;
}

function Cell({ cell }) {
  if (cell.type === "rich_text") return html`<${RichText} elements=${cell.elements} />`;
  return html`${cell.text !== undefined ? cell.text : String(cell.value)}`;
}

function Table({ block }) {
  const align = (n) => `align-${((block.column_settings || [])[n] || {}).align || "left"}`;
  const [head, ...rows] = block.rows;
  return html`<div class="table" tabindex="0" role="region" aria-label="Table"><table>
    <thead><tr>${head.map((cell, n) => html`<th key=${n} scope="col" class=${align(n)}><${Cell} cell=${cell} /></th>`)}</tr></thead>
    <tbody>${rows.map((row, r) => html`<tr key=${r}>${row.map((cell, n) => html`<td key=${n} class=${align(n)}><${Cell} cell=${cell} /></td>`)}</tr>`)}</tbody></table></div>`;
}

const STATUS = { pending: "To do", in_progress: "Under way", complete: "Done", error: "Failed" };
const Task = ({ block }) => html`<div class=${`task ${block.status || "pending"}`}><span class="task-status">${STATUS[block.status || "pending"]}</span> ${block.title}</div>`;
const Plan = ({ block }) => html`<div class="plan"><strong>${block.title}</strong>${(block.tasks || []).map((task) => html`<${Task} key=${task.task_id} block=${task} />`)}</div>`;
const Alert = ({ block }) => html`<div class=${`alert ${block.level || "default"}`}><${Text} text=${block.text} /></div>`;

export const Unknown = ({ block }) => html`<div class="unknown"><strong>${block.type || "A block without a type"}</strong>: this page does not know this block.
  <details><summary>Its JSON</summary><pre tabindex="0">${JSON.stringify(block, null, 2)}</pre></details></div>`;

const KINDS = {
  header: Header, divider: Divider, section: Section, context: Context, actions: Actions, context_actions: Actions, image: Image,
  input: Input, table: Table, task_card: Task, plan: Plan, alert: Alert,
  rich_text: ({ block }) => html`<${RichText} elements=${block.elements} />`,
  markdown: ({ block }) => html`<${Markdown} text=${block.text} />`,
};

/** `context`: who looks (`me`), the message or view that holds the blocks (`holder`), and `errors` by block. */
export function Blocks({ blocks, context }) {
  return html`<div class="blocks">${blocks.map((block) => {
    const Kind = KINDS[block.type] || Unknown;
    return html`<${Kind} key=${block.block_id} block=${block} context=${context} />`;
  })}</div>`;
}

export function Content({ message, me, still }) {
  const context = { me, holder: message, still };
  const files = (message.files || []).map((file) => {
    const picture = (file.mimetype || "").startsWith("image/");
    return html`<figure key=${file.id}><figcaption>${file.title || file.name}</figcaption>${picture
      ? html`<${Picture} image=${{ slack_file: { id: file.id }, alt_text: file.alt_txt || file.title }} />` : html`<span class="elsewhere">${file.name}</span>`}</figure>`;
  });
  const streaming = message.streaming_state === "in_progress";
  return html`<div class=${`content ${streaming ? "streaming" : ""}`} aria-busy=${streaming}>
    ${message.blocks && message.blocks.length ? html`<${Blocks} blocks=${message.blocks} context=${context} />`
      : message.text ? html`<div class="words"><${Mrkdwn} text=${message.text} /></div>` : null}
    ${files}
    ${(message.attachments || []).map((attachment, n) => html`<div class="attachment" key=${n}>${attachment.blocks
      ? html`<${Blocks} blocks=${attachment.blocks} context=${context} />` : html`<${Mrkdwn} text=${attachment.text || attachment.fallback || ""} />`}</div>`)}
    ${streaming && html`<span class="caret" aria-hidden="true"></span>`}
  </div>`;
}
