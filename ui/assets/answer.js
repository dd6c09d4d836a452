// Draws a finished answer. Everything that comes from a document or a model is set as text, never as markup.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

const button = (className, act) => {
  const node = make("button", className);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
};

function markButton(piece, data, open) {
  const note = data.footnotes.find((row) => row.mark === piece.mark);
  const status = data.words[piece.status];
  const active = piece.index === data.active ? " active" : "";
  const node = button(`mark ${piece.status}${active}`, () => open("citation", piece.index));
  node.append(make("span", "bracket", "["), String(piece.mark), make("span", "bracket", "]"));
  const said = (piece.status === "unsupported" && note?.warning) || status;
  node.title = `${note ? note.title : ""}\n${said}`;
  node.dataset.mark = piece.mark;
  node.setAttribute("aria-label", `${data.words.footnotes} ${piece.mark}: ${said}`);
  return node;
}

// The right half of these is blank: a mark moves into it.
const WIDE_ENDS = "。．，、！？；：）】》」』";

// Text that is to be doubted is underlined with dots; why is said on hover, and to whoever hears the page read.
function textNode(piece, text) {
  if (!piece.doubt) return document.createTextNode(text);
  const node = make("span", `doubt ${piece.doubt}`, text);
  node.title = piece.why;
  return node;
}

function doubtSign(piece) {
  const sign = make("span", `sign ${piece.doubt}`);
  sign.title = piece.why;
  const shown = make("span", "", "?");
  shown.setAttribute("aria-hidden", "true");
  sign.append(shown, make("span", "heard", ` (${piece.why})`));
  return sign;
}

// The end of a sentence and its marks stay on one line: a mark never stands alone at the beginning of the next.
function lineNode(line, data, open) {
  const node = make("p", line.item ? "item" : "");
  if (line.item) node.append(make("span", "bullet", ["-", "*", "·"].includes(line.bullet) ? "•" : line.bullet));
  let together = null;
  let before = "";
  line.pieces.forEach((piece, index) => {
    if (!("text" in piece)) {
      const mark = markButton(piece, data, open);
      if (before && WIDE_ENDS.includes(before)) mark.classList.add("after-wide");
      (together ?? node).append(mark);
      before = "";
      return;
    }
    const characters = Array.from(piece.text);
    before = characters.at(-1);
    const next = line.pieces[index + 1];
    const kept = next && !("text" in next) ? 2 : 0;
    node.append(textNode(piece, characters.slice(0, characters.length - kept).join("")));
    together = kept ? make("span", "together") : null;
    if (together) {
      together.append(textNode(piece, characters.slice(-kept).join("")));
      node.append(together);
    }
    if (piece.doubt === "uncited" && piece.ends) node.append(doubtSign(piece));
  });
  return node;
}

function shortNode(short, data, open) {
  const node = make("p", "short");
  node.setAttribute("aria-label", data.words.shortAnswer);
  const text = make("strong", "", short.text);
  text.lang = short.lang;
  node.append(text);
  if (short.mark) node.append(markButton(short.mark, data, open));
  return node;
}

// What the sources say that disagree, side by side.
function disagreementNode(sides, data, open) {
  const node = make("div", "disagree");
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", data.words.disagree);
  node.append(make("div", "label", data.words.disagree));
  const columns = make("div", "sides");
  for (const side of sides) {
    const column = make("div", "side");
    const value = make("span", "value", side.value);
    value.lang = side.lang;
    column.append(value, markButton(side, data, open), make("span", "title", side.title));
    columns.append(column);
  }
  node.append(columns);
  return node;
}

function noteRow(row, number, active, act, warning) {
  const item = make("li", active ? "active" : "");
  const node = button("", act);
  const body = make("span");
  if (row.title) body.append(make("span", "title", row.title));
  if (row.place) body.append(make("span", "place", row.place));
  if (warning) body.append(make("span", "warn", warning));
  const quote = make("span", "quote", row.quote ?? row.text);
  quote.lang = row.lang;
  body.append(quote);
  node.append(make("span", "number", String(number)), body);
  item.append(node);
  return item;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not a secure context (another machine over plain http): the old way.
    const area = make("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function metaLine(data) {
  const meta = make("div", "meta");
  if (data.confidence) {
    const confidence = make("span", data.confidence.level);
    confidence.append(make("span", "dot"), data.confidence.label);
    confidence.title = data.confidence.help;
    meta.append(confidence);
  }
  if (data.took) meta.append(make("span", "", data.took));
  const copyButton = button("copy", async () => {
    await copy(data.copy);
    copyButton.textContent = data.words.copied;
    setTimeout(() => (copyButton.textContent = data.words.copy), 1600);
  });
  copyButton.textContent = data.words.copy;
  meta.append(copyButton);
  return meta;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const wasOpen = parentElement.querySelector("details")?.open ?? data.refused;
  const open = (kind, index) => setTriggerValue("open", { kind, index });
  const root = make("div", data.refused ? "root refused" : "root");

  if (data.refused) root.append(make("div", "label", data.words.refused));
  const text = make("div", "text");
  text.lang = data.lang;
  if (data.short) text.append(shortNode(data.short, data, open));
  for (const line of data.lines) text.append(lineNode(line, data, open));
  root.append(text);
  for (const sides of data.disagreements) root.append(disagreementNode(sides, data, open));
  root.append(metaLine(data));

  if (data.footnotes.length) {
    const notes = make("ol", "notes");
    notes.setAttribute("aria-label", data.words.footnotes);
    data.footnotes.forEach((row, number) => {
      const above = data.footnotes[number - 1];
      const same = above && above.title === row.title && above.place === row.place;
      const shown = same ? { ...row, title: "", place: "" } : row; // said once for those that come from one place
      notes.append(noteRow(shown, row.mark, row.mark === data.activeMark, () => open("citation", row.index), row.warning));
    });
    root.append(notes);
  }

  if (data.passages.length) {
    const details = make("details");
    details.open = wasOpen;
    const list = make("ol", "notes");
    data.passages.forEach((row, index) => {
      list.append(noteRow(row, row.rank, false, () => open("passage", index), row.warning));
    });
    details.append(make("summary", "", data.words.passages), list);
    root.append(details);
  }

  const previous = parentElement.querySelector(".root");
  if (previous) previous.replaceWith(root);
  else parentElement.append(root);
}
