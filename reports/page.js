"use strict";
// The page is complete without this file. It adds copy buttons, the filter, and interactive figures.

document.documentElement.classList.add("js");

// Copy buttons: on commands, and on incidents for the whole of them as Markdown.
function copyButton(label, name, text) {
  const button = document.createElement("button");
  const status = document.createElement("span");
  button.type = "button";
  button.className = "copy";
  button.textContent = label;
  button.setAttribute("aria-label", name);
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    const done = await copy(text());
    button.textContent = status.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = label; status.textContent = ""; }, 2000);
  });
  return [button, status];
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard for pages opened from disk in some browsers: from a field of its own, the old way.
    const field = document.createElement("textarea");
    const before = document.activeElement;
    field.value = text;
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus();
    return done;
  }
}

for (const block of document.querySelectorAll(".command")) {
  const name = "Copy the command for " + block.querySelector(".tool").textContent;
  block.append(...copyButton("Copy", name, () => block.querySelector("code").textContent));
}
for (const script of document.querySelectorAll("script.markdown")) {
  const section = script.closest("section");
  const name = "Copy as Markdown: " + section.querySelector(".eyebrow .id").textContent;
  section.querySelector(".eyebrow").append(...copyButton("Copy as Markdown", name, () => JSON.parse(script.textContent)));
}

// A link to something folded away or filtered out brings it back.
function reveal() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const before = target.checkVisibility();
  if (target.closest("section[hidden], tr[hidden]")) filterFor("");
  for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  if (!before) target.scrollIntoView();
}
addEventListener("hashchange", reveal);

// The filter: every word must occur in the head of an incident, or in one of its cited lines.
const form = document.querySelector(".filter");
const box = form?.querySelector("input");
const incidents = [...document.querySelectorAll("section.incident, #more tbody tr")].map((section) => ({
  section,
  link: document.querySelector(`.incident-link[data-for="${section.id}"]`),
  head: (section.matches("tr") ? [section] : [...section.querySelectorAll(".eyebrow, h2, .headline, .facts, .causes")])
    .map((e) => e.textContent).join(" ").toLowerCase(),
  lines: [...section.querySelectorAll(".cited > .scroll tbody tr")].map((row) => ({ row, text: row.textContent.toLowerCase() })),
}));

function filterFor(wanted) {
  if (box.value !== wanted) box.value = wanted;
  const terms = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text) => terms.every((term) => text.includes(term));
  let seen = 0, lines = 0;
  for (const { section, link, head, lines: rows } of incidents) {
    const hits = rows.filter(({ text }) => fits(text));
    const shown = fits(head) || hits.length > 0;
    section.hidden = !shown;
    if (link) link.hidden = !shown;
    const all = !terms.length || !hits.length;
    for (const each of rows) each.row.hidden = !all && !hits.includes(each);
    const folded = section.querySelector("details.cited");
    if (terms.length && hits.length && folded) {
      for (let at = folded; at; at = at.parentElement.closest("details")) at.open = true;
    }
    seen += shown;
    lines += terms.length ? hits.length : 0;
  }
  form.querySelector("p").textContent = terms.length ? `${seen} of ${incidents.length} incidents, ${lines} cited lines` : "";
}

if (form && incidents.length) {
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", () => filterFor(box.value));
  // "/" goes to the filter from anywhere, Escape empties it.
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea")) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Escape" && event.target === box && box.value) {
      event.preventDefault();
      filterFor("");
    }
  });
}
reveal();

// Figures: plotly is inflated when the first one comes into view, and a figure is drawn when it is looked at.
let plotly = null;
function loadPlotly() {
  plotly ??= (async () => {
    const bytes = Uint8Array.from(atob(document.getElementById("plotly").textContent), (c) => c.charCodeAt(0));
    const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const script = document.createElement("script");
    script.textContent = await new Response(inflated).text();
    document.head.append(script);
    return window.Plotly;
  })();
  return plotly;
}

// A colour of a figure is the name of a variable of the style sheet.
function coloured(value, style) {
  if (typeof value === "string") {
    return /^var\(--[\w-]+\)$/.test(value) ? style.getPropertyValue(value.slice(4, -1)).trim() : value;
  }
  if (Array.isArray(value)) return value.map((each) => coloured(each, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, coloured(each, style)]));
  }
  return value;
}

async function draw(plot) {
  const library = await loadPlotly();
  const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
  const { data, layout } = coloured(figure, getComputedStyle(document.documentElement));
  plot.hidden = false;
  plot.parentElement.classList.add("drawn");
  await library.react(plot, data, layout, { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
}

if ("DecompressionStream" in window && "IntersectionObserver" in window) {
  const seen = new Set();
  const give = (plot) => draw(plot).catch((error) => {
    console.warn("the figure could not be drawn", error);
    plot.hidden = true; // the static picture stays
    plot.parentElement.classList.remove("drawn");
  });
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      const plot = target.querySelector(".plot");
      seen.add(plot);
      give(plot);
    }
  }, { rootMargin: "400px" });
  for (const plot of document.querySelectorAll(".plot")) observer.observe(plot.parentElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => seen.forEach(give));
}
