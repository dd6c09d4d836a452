// Draws the open source and goes to its highlighted line. Document text is set as text, never as markup.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};

function header(data, act) {
  const node = make("header");
  const close = make("button", "close", "×");
  close.title = data.words.close;
  close.setAttribute("aria-label", data.words.close);
  close.addEventListener("click", () => act("close"));
  const facts = make("div", "facts");
  for (const fact of data.facts) facts.append(make("span", "", fact));
  facts.append(make("span", "spring"));
  if (data.pages) {
    const turn = (label, text, page) => {
      const button = make("button", "", text);
      button.title = label;
      button.setAttribute("aria-label", label);
      button.disabled = page < 1 || page > data.pages;
      button.addEventListener("click", () => act("page", page));
      return button;
    };
    if (data.kind === "page") {
      facts.append(turn(data.words.previous_page, "‹", data.page - 1));
      facts.append(make("span", "", data.pageOf));
      facts.append(turn(data.words.next_page, "›", data.page + 1));
    }
    const tabs = make("span", "tabs");
    for (const kind of ["page", "text"]) {
      const tab = make("button", "", data.words[`as_${kind}`]);
      tab.setAttribute("aria-pressed", String(kind === data.kind));
      tab.addEventListener("click", () => act("show", kind));
      tabs.append(tab);
    }
    facts.append(tabs);
  }
  node.append(make("div", "title", data.title), close, facts);
  return node;
}

function moreButton(label, act, what) {
  const button = make("button", "more", label);
  button.addEventListener("click", () => act(what));
  return button;
}

function textBody(data, act) {
  const paper = make("div", "paper");
  if (data.moreBefore) paper.append(moreButton(data.words.earlier_text, act, "earlier"));
  const text = make("div", "text");
  text.lang = data.lang;
  text.append(data.before);
  if (data.quote) text.append(make("mark", "", data.quote));
  text.append(data.after);
  paper.append(text);
  if (data.moreAfter) paper.append(moreButton(data.words.later_text, act, "later"));
  return paper;
}

function pageBody(data) {
  const page = make("div", "page");
  const image = make("img");
  image.src = `data:image/png;base64,${data.png}`;
  image.alt = data.pageOf;
  page.append(image);
  return page;
}

// Puts the highlighted line in the upper third, without moving the page around the panel.
function goToLine(scroll, data) {
  const mark = scroll.querySelector("mark");
  const image = scroll.querySelector("img");
  if (mark) {
    const offset = mark.getBoundingClientRect().top - scroll.getBoundingClientRect().top + scroll.scrollTop;
    scroll.scrollTop = Math.max(0, offset - scroll.clientHeight * 0.3);
  } else if (image && data.focus !== null) {
    const go = () => {
      scroll.scrollTop = Math.max(0, image.offsetTop + data.focus * image.clientHeight - scroll.clientHeight * 0.3);
    };
    if (image.complete) go();
    image.addEventListener("load", go, { once: true });
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const act = (what, value) => setTriggerValue("act", { do: what, value: value ?? null });
  const previous = parentElement.querySelector(".root");
  const held = previous?.dataset.token === data.token ? previous.querySelector(".scroll")?.scrollTop : undefined;
  const root = make("section", "root");
  root.dataset.token = data.token;
  root.setAttribute("aria-label", data.words.source);
  root.addEventListener("keydown", (event) => event.key === "Escape" && act("close"));
  root.append(header(data, act));

  const scroll = make("div", "scroll");
  scroll.tabIndex = 0;
  if (data.kind === "notice") {
    const notice = make("div", "notice");
    notice.append(make("strong", "", data.notice.title), make("p", "", data.notice.detail), make("p", "", data.notice.hint));
    scroll.append(notice);
  } else if (data.kind === "page") {
    if (data.quote) {
      const quote = make("blockquote", "quote", data.quote);
      quote.lang = data.lang;
      root.append(quote);
    }
    scroll.append(pageBody(data));
  } else {
    scroll.append(textBody(data, act));
  }
  root.append(scroll);

  if (previous) previous.replaceWith(root);
  else parentElement.append(root);
  if (held === undefined) goToLine(scroll, data);
  else scroll.scrollTop = held;
}
