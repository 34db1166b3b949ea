/**
 * What the page does where there is JavaScript; without it nothing is missing. Tables are sorted by a click on a
 * heading, bars tell at once what they are, the methods can be copied, and what is folded is printed too.
 */
export const SCRIPT = `
"use strict";
for (const table of document.querySelectorAll("table.sort")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const numbers = head.classList.contains("n");
      const before = head.ariaSort;
      const up = before === null ? !numbers : before === "descending";
      for (const other of head.parentNode.cells) other.ariaSort = null;
      head.ariaSort = up ? "ascending" : "descending";
      const value = (row) => numbers ? Number(row.cells[column].dataset.v) : row.cells[column].textContent;
      const order = numbers ? (a, b) => value(a) - value(b) : (a, b) => value(a).localeCompare(value(b), "en", { numeric: true });
      body.append(...[...body.rows].sort((a, b) => (up ? order(a, b) : order(b, a))));
    });
  });
}
const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
document.body.append(tip);
for (const picture of document.querySelectorAll(".lane svg")) {
  picture.addEventListener("pointermove", (event) => {
    const bar = event.target.closest("rect");
    const title = bar && bar.querySelector("title");
    if (title) {
      // The browser would show it too, a second later.
      bar.dataset.tip = title.textContent;
      title.remove();
    }
    tip.hidden = !bar;
    if (!bar) return;
    tip.textContent = bar.dataset.tip;
    tip.style.left = Math.max(8, Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8)) + "px";
    const below = event.clientY + 16;
    tip.style.top = (below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 12 : below) + "px";
  });
  picture.addEventListener("pointerleave", () => { tip.hidden = true; });
}
for (const part of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  const text = part.innerText;
  part.prepend(button);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(part);
      button.textContent = "Selected: copy it with the keyboard";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
}
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details")) part.open = true;
});
`;
