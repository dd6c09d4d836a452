// Draws one job: its progress, its counts, and a row for each file. File names are set as text, never as markup.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};

function fileTable(data) {
  const table = make("table");
  const body = make("tbody");
  for (const file of data.files) {
    const line = make("tr");
    const outcome = make("td", "short");
    outcome.append(make("span", `outcome ${file.outcome}`, data.words[file.outcome]));
    line.append(make("td", "", file.path), outcome, make("td", "", file.detail));
    body.append(line);
  }
  table.append(body);
  return table;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = make("div", "root");
  const job = make("div", "job");
  job.dataset.state = data.state;
  const head = make("div", "head");
  head.append(make("span", "state", data.title), make("span", "now", data.now), make("span", "spring"));
  const dismiss = make("button", "dismiss", data.over ? data.words.dismiss : data.words.cancel);
  dismiss.type = "button";
  dismiss.addEventListener("click", () => setTriggerValue("act", { do: data.over ? "dismiss" : "cancel", id: data.id }));
  head.append(dismiss);
  job.append(head);
  if (!data.over) {
    const bar = make("div", "bar");
    const done = make("span");
    done.style.width = `${Math.round(data.share * 100)}%`;
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-valuenow", String(Math.round(data.share * 100)));
    bar.append(done);
    job.append(bar);
  }
  if (data.error) job.append(make("div", "error", data.error));
  if (data.counts.length) {
    const counts = make("div", "counts");
    counts.append(make("span", "total", data.total));
    for (const count of data.counts) counts.append(make("span", `outcome ${count.name}`, `${data.words[count.name]} ${count.count}`));
    job.append(counts);
  }
  if (data.files.length) job.append(fileTable(data));
  root.append(job);
  const previous = parentElement.querySelector(".root");
  if (previous) previous.replaceWith(root);
  else parentElement.append(root);
}
