// Draws the list of documents. Titles and file names are set as text, never as markup.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};

// The API tells UTC; the reader's clock does not.
function localTime(iso) {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return iso;
  const two = (number) => String(number).padStart(2, "0");
  const day = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
  return `${day} ${two(when.getHours())}:${two(when.getMinutes())}`;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const act = (what, id) => setTriggerValue("act", { do: what, id });
  const root = make("div", "root");
  const table = make("table", "documents");
  const head = make("tr");
  const columns = [["title", ""], ["language", ""], ["pages", "number"], ["chunks", "number"], ["added", ""]];
  for (const [column, className] of columns) head.append(make("th", className, data.words[column]));
  head.append(make("th", ""));
  table.append(make("thead"));
  table.tHead.append(head);
  const body = make("tbody");
  for (const row of data.rows) {
    const line = make("tr");
    const name = make("td");
    const open = make("button", "name", row.title);
    open.type = "button";
    open.lang = row.lang;
    open.title = data.words.open;
    open.addEventListener("click", () => act("open", row.id));
    name.append(open, make("span", "under", row.under));
    const acts = make("td", "acts");
    const remove = make("button", "", data.words.remove);
    remove.type = "button";
    remove.setAttribute("aria-label", `${data.words.remove}: ${row.title}`);
    remove.addEventListener("click", () => act("remove", row.id));
    acts.append(remove);
    line.append(
      name,
      make("td", "short", row.language),
      make("td", "number", row.pages),
      make("td", "number", row.chunks),
      make("td", "short", localTime(row.added)),
      acts,
    );
    body.append(line);
  }
  table.append(body);
  root.append(table);
  const previous = parentElement.querySelector(".root");
  if (previous) previous.replaceWith(root);
  else parentElement.append(root);
}
