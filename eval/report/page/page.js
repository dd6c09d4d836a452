"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const find = document.getElementById("find"), only = document.getElementById("only"), found = document.getElementById("found");
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const rows = Array.from(document.querySelectorAll("#all tbody tr"), (row) => ({ row, text: fold(row.textContent) }));
  const show = () => {
    const words = fold(find.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { row, text } of rows) {
      const fits = (!only.value || row.dataset.o === only.value) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      count += fits;
    }
    found.value = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
})();
