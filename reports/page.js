"use strict";
// The page is complete without this file. It adds copy buttons, filters, zoom, the log around incidents, and a figure.

document.documentElement.classList.add("js");

function element(name, kind = "", text = "") {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = text; // text of logs is never markup
  return made;
}

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

// Commands: of crm and pcs one is shown, chosen once for the page, and copied as one block.
const tools = [...new Set([...document.querySelectorAll(".command")].map((each) => each.dataset.tool))];
function chooseTool(tool) {
  for (const block of document.querySelectorAll(".commands")) {
    const commands = [...block.querySelectorAll(".command")];
    const shown = commands.find((each) => each.dataset.tool === tool) ?? commands[0];
    for (const each of commands) each.hidden = each !== shown;
    for (const button of block.querySelectorAll("[data-choose]")) {
      button.setAttribute("aria-pressed", button.dataset.choose === shown.dataset.tool);
    }
  }
}
for (const block of document.querySelectorAll(".commands")) {
  const bar = element("div", "tool-bar");
  for (const each of block.querySelectorAll(".command")) {
    const button = element("button", "chip", each.dataset.tool);
    button.type = "button";
    button.dataset.choose = each.dataset.tool;
    button.addEventListener("click", () => chooseTool(each.dataset.tool));
    bar.append(button);
  }
  const shown = () => block.querySelector(".command:not([hidden])");
  bar.append(...copyButton("Copy", "Copy the command", () => shown().querySelector("code").textContent));
  block.prepend(bar);
}
chooseTool(tools[0]);

// Incidents are copied whole, as Markdown.
for (const script of document.querySelectorAll("script.markdown")) {
  const section = script.closest("section");
  const text = () => JSON.parse(script.textContent);
  const id = section.querySelector(".id").textContent;
  section.querySelector(".eyebrow, .headline").append(...copyButton("Copy as Markdown", "Copy as Markdown: " + id, text));
  document.querySelector(`.card[data-for="${section.id}"] .buttons`)?.append(...copyButton("Copy for ticket", "Copy for ticket: " + id, text));
}

// The address holds where one is and what is filtered: #i2&node=n1&cause=slow_fencing&text=vip&seen=0.4-0.6
const address = {
  at: "",
  filters: new URLSearchParams(),
  read() {
    const [first, ...rest] = location.hash.slice(1).split("&");
    const anchored = !first.includes("=");
    this.at = anchored ? safeDecode(first) : "";
    const told = (anchored ? rest : [first, ...rest]).join("&");
    if (told) this.filters = new URLSearchParams(told);
    return Boolean(told);
  },
  write() {
    const told = [this.at, this.filters.toString()].filter(Boolean).join("&");
    history.replaceState(null, "", told ? "#" + told : location.pathname + location.search);
  },
};
function safeDecode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

// A link to something folded away or filtered out brings it back.
function reveal() {
  const target = address.at && document.getElementById(address.at);
  if (!target) return;
  const before = target.checkVisibility();
  if (target.closest("section[hidden], tr[hidden], li[hidden]")) filterFor(new URLSearchParams());
  for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  target.querySelector(":scope > details")?.setAttribute("open", "");
  if (!before || address.filters.size) target.scrollIntoView();
}
addEventListener("hashchange", () => {
  const told = address.read();
  if (told) filterFor(address.filters); else address.write();
  reveal();
});

// Filters: of each facet any that is chosen must fit, and every word must occur in the head or a cited line.
const form = document.querySelector(".filter");
const box = form?.querySelector("input");
const facets = JSON.parse(document.getElementById("facets")?.textContent ?? "[]");
const incidents = facets.map((about) => {
  const section = document.getElementById(about.anchor);
  const heads = section.matches("tr") ? [section] : [...section.querySelectorAll(".eyebrow, h2, summary h3, .headline, .concerns, .causes")];
  return {
    about,
    section,
    others: [...document.querySelectorAll(`[data-for="${about.anchor}"]`)],
    head: heads.map((e) => e.textContent).join(" ").toLowerCase(),
    lines: [...section.querySelectorAll(".cited > .scroll tbody tr")].map((row) => ({ row, text: row.textContent.toLowerCase() })),
  };
});
const FACETS = { node: "nodes", cause: "causes", resource: "resources" };
const FEW = 8;

function filterFor(wanted) {
  address.filters = new URLSearchParams([...wanted].filter(([, value]) => value));
  const text = wanted.get("text") ?? "";
  if (box.value.trim() !== text) box.value = text;
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (told) => terms.every((term) => told.includes(term));
  const chosen = Object.entries(FACETS).map(([facet, key]) => [key, wanted.getAll(facet)]).filter(([, all]) => all.length);
  let seen = 0, lines = 0;
  for (const { about, section, others, head, lines: rows } of incidents) {
    const meant = chosen.every(([key, all]) => all.some((each) => about[key].includes(each)));
    const hits = meant ? rows.filter(({ text: told }) => fits(told)) : [];
    const shown = meant && (fits(head) || hits.length > 0);
    section.hidden = !shown;
    for (const other of others) {
      if (other.matches(".flag")) other.classList.toggle("out", !shown); else other.hidden = !shown;
    }
    const all = !terms.length || !hits.length;
    for (const each of rows) each.row.hidden = !all && !hits.includes(each);
    const folded = section.querySelector("details.cited");
    if (terms.length && hits.length && folded) {
      for (let at = folded; at; at = at.parentElement.closest("details")) at.open = true;
    }
    seen += shown;
    lines += terms.length ? hits.length : 0;
  }
  for (const line of document.querySelectorAll(".actions > li")) line.hidden = !line.querySelector("section:not([hidden])");
  for (const chip of form.querySelectorAll(".chip")) {
    chip.setAttribute("aria-pressed", wanted.getAll(chip.dataset.facet).includes(chip.dataset.value));
    if (chip.dataset.extra) chip.hidden = chip.getAttribute("aria-pressed") !== "true";
  }
  const told = terms.length || chosen.length;
  form.querySelector("p").textContent = told ? `${seen} of ${incidents.length} incidents` + (terms.length ? `, ${lines} cited lines` : "") : "";
  form.querySelector(".clear").hidden = !told;
  address.write();
}

function toggled(facet, value) {
  const wanted = new URLSearchParams(address.filters);
  const there = wanted.getAll(facet);
  wanted.delete(facet);
  for (const each of there.includes(value) ? there.filter((one) => one !== value) : [...there, value]) wanted.append(facet, each);
  return wanted;
}

function chips(facet, key) {
  const times = new Map();
  for (const each of facets) for (const value of each[key]) times.set(value, (times.get(value) ?? 0) + 1);
  if (times.size < 2) return;
  const values = [...times].sort(([, a], [, b]) => b - a).map(([value]) => value);
  const group = element("div", "facet");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Filter by " + facet);
  group.append(element("span", "", facet));
  for (const [index, value] of values.entries()) {
    const chip = element("button", "chip", facet === "cause" ? value.replaceAll("_", " ") : value);
    chip.type = "button";
    Object.assign(chip.dataset, { facet, value });
    if (values.length > FEW && index >= FEW - 2) {
      chip.dataset.extra = "1"; // shown while it is chosen
      chip.hidden = true;
    }
    chip.addEventListener("click", () => filterFor(toggled(facet, value)));
    group.append(chip);
  }
  if (values.length > FEW) {
    const select = element("select");
    select.setAttribute("aria-label", `More: ${facet}`);
    select.append(new Option(`${values.length - FEW + 2} more`, ""));
    for (const value of values.slice(FEW - 2)) select.append(new Option(value, value));
    select.addEventListener("change", () => { if (select.value) filterFor(toggled(facet, select.value)); select.value = ""; });
    group.append(select);
  }
  form.querySelector(".chips").append(group);
}

if (form && incidents.length) {
  form.hidden = false;
  for (const [facet, key] of Object.entries(FACETS)) chips(facet, key);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector(".clear").addEventListener("click", () => filterFor(new URLSearchParams()));
  box.addEventListener("input", () => {
    const wanted = new URLSearchParams(address.filters);
    wanted.set("text", box.value.trim());
    filterFor(wanted);
  });
  // "/" goes to the filter from anywhere, Escape empties it.
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Escape" && event.target === box && box.value) {
      event.preventDefault();
      filterFor(new URLSearchParams());
    }
  });
}

// Charts: two variables of the style say what is seen of the time, --from (a share of the whole) and --zoom.
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2419200, 7862400, 31449600].map((s) => s * 1000)];
const two = (number) => String(number).padStart(2, "0");
function clock(moment, step) {
  const at = new Date(moment);
  if (step >= 86400000) return `${at.getUTCDate()} ${at.toLocaleString("en", { month: "short", timeZone: "UTC" })}`;
  const told = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  if (step >= 60000) return told;
  return `${told}:${two(at.getUTCSeconds())}` + (step >= 1000 ? "" : "." + String(at.getUTCMilliseconds()).padStart(3, "0"));
}

function zoomable(chart) {
  const start = Number(chart.dataset.start), length = Number(chart.dataset.seconds) * 1000;
  const plane = chart.querySelector(".axis"), context = chart.querySelector(".track");
  const whole = { from: Number(chart.style.getPropertyValue("--from") || 0), span: 1 / Number(chart.style.getPropertyValue("--zoom") || 1) };
  let { from, span } = whole;

  function ticks() {
    for (const each of plane.querySelectorAll(".tick")) each.remove();
    const room = Math.max(Math.floor(plane.clientWidth / 90), 2);
    const step = STEPS.find((each) => (span * length) / each <= room) ?? STEPS.at(-1);
    const first = Math.ceil((start + from * length) / step) * step;
    for (let at = first; at <= start + (from + span) * length; at += step) {
      const tick = element("i", "tick at");
      tick.style.setProperty("--x", (at - start) / length);
      if (((at - start) / length - from) / span <= 1 - 20 / Math.max(plane.clientWidth, 1)) tick.append(element("span", "", clock(at, step)));
      plane.prepend(tick);
    }
  }
  function see(wantedFrom, wantedSpan) {
    span = Math.min(Math.max(wantedSpan, 0.002 / Math.max(length / 1000, 1), 1e-6), 1);
    from = Math.min(Math.max(wantedFrom, 0), 1 - span);
    chart.style.setProperty("--from", from);
    chart.style.setProperty("--zoom", 1 / span);
    ticks();
  }
  const zoom = (by, around = 0.5) => see(from + span * around * (1 - by), span * by);
  const back = () => see(whole.from, whole.span);
  const share = (event) => {
    const lane = plane.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - lane.left) / lane.width, 0), 1);
  };

  const bar = element("div", "tool-bar");
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Zoom");
  for (const [label, name, act] of [["+", "Zoom in", () => zoom(0.5)], ["\u2212", "Zoom out", () => zoom(2)], ["Whole", "Show the whole", () => (context && from === whole.from ? see(0, 1) : back())]]) {
    const button = element("button", "", label);
    button.type = "button";
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    bar.append(button);
  }
  bar.append(element("span", "note", `${context ? "Drag in the bar above the chart, or in it," : "Drag"} to zoom; keys + \u2212 0 and arrows; the wheel with Ctrl, or once the chart has focus.`));
  chart.before(bar);

  chart.tabIndex = 0;
  chart.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !chart.contains(document.activeElement)) return; // the page scrolls
    event.preventDefault();
    if (event.shiftKey) see(from + (span * (event.deltaY || event.deltaX)) / 1000, span);
    else zoom(event.deltaY > 0 ? 1.25 : 0.8, share(event));
  }, { passive: false });

  const links = () => [...chart.querySelectorAll("a.bar, a.flag, a.dot")];
  chart.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const there = links(), at = there.indexOf(document.activeElement);
    const keys = {
      "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "0": back,
      ArrowRight: () => (at < 0 ? see(from + span / 8, span) : there[Math.min(at + 1, there.length - 1)].focus()),
      ArrowLeft: () => (at < 0 ? see(from - span / 8, span) : there[Math.max(at - 1, 0)].focus()),
      Escape: () => chart.focus(),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
    if (document.activeElement.matches(".at")) bringIn(document.activeElement);
  });
  function bringIn(link) {
    const x = Number(link.style.getPropertyValue("--x")), w = Number(link.style.getPropertyValue("--w") || 0);
    if (x > from + span || x + w < from) see(x + w / 2 - span / 2, span);
  }

  // Drag: in the chart what is seen becomes the selection; above it the brush moves.
  let began = null, mark = null;
  chart.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch" && !event.target.closest(".track")) return;
    if (event.target.closest("a") && !event.target.closest(".track")) return;
    began = { share: share(event), whole: Boolean(event.target.closest(".track")) };
  });
  addEventListener("pointermove", (event) => {
    if (!began) return;
    const [low, high] = [began.share, share(event)].sort((a, b) => a - b);
    if (began.whole) {
      if (high - low > 0.01) see(low, high - low);
      return;
    }
    mark ??= chart.appendChild(element("i", "select"));
    mark.style.left = `calc(var(--gutter) + (100% - var(--gutter)) * ${low})`;
    mark.style.width = `calc((100% - var(--gutter)) * ${high - low})`;
  });
  addEventListener("pointerup", (event) => {
    if (!began) return;
    const [low, high] = [began.share, share(event)].sort((a, b) => a - b);
    if (began.whole && high - low <= 0.01) see(low - span / 2, span);
    else if (!began.whole && high - low > 0.01) see(from + low * span, (high - low) * span);
    mark?.remove();
    began = mark = null;
  });
  chart.addEventListener("dblclick", back);
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  new ResizeObserver(ticks).observe(plane);
}
for (const chart of document.querySelectorAll(".zoomable")) zoomable(chart);

// What a bar, a mark or a line in a chart is: on hover, and on the keyboard.
const tip = element("div", "tip");
tip.hidden = true;
tip.setAttribute("aria-hidden", "true"); // the same is the name of what it is about
document.body.append(tip);
for (const each of document.querySelectorAll(".chart [title], .phase-bar [title]")) {
  each.dataset.tip = each.title;
  if (each.matches("a")) each.setAttribute("aria-label", [each.textContent.trim(), ...each.title.split("\n")].filter(Boolean).join(", "));
  each.removeAttribute("title");
}
function showTip(event) {
  const about = event.target.closest?.("[data-tip]");
  tip.hidden = !about;
  if (!about) return;
  tip.textContent = about.dataset.tip;
  const there = about.getBoundingClientRect();
  const x = event.type === "pointerover" ? event.clientX : there.left;
  const over = there.bottom + tip.offsetHeight + 8 > innerHeight;
  tip.style.left = `${Math.max(Math.min(x, innerWidth - tip.offsetWidth - 12), 12)}px`;
  tip.style.top = `${over ? there.top - tip.offsetHeight - 6 : there.bottom + 6}px`;
}
for (const kind of ["pointerover", "focusin"]) addEventListener(kind, showTip);
addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

if (address.read() && form) filterFor(address.filters);
reveal();

// What is compressed in the page.
async function inflated(id) {
  const held = document.getElementById(id);
  const text = held.type === "application/json" ? JSON.parse(held.textContent) : held.textContent;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
}

// The log around an incident: all nodes in one order, a lane of colour for each, filtered by what one looks for.
let log = null;
const loadLog = () => (log ??= inflated("log").then((text) => {
  const held = JSON.parse(text);
  held.at = new Map(held.lines.map((line) => [line[0], line]));
  return held;
}));
const SEVERITY = ["emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"];

async function fillLog(around) {
  const held = await loadLog();
  const [stretches, span] = held.around[around.dataset.incident];
  const cited = new Map([...around.closest("section").querySelectorAll(".cited > .scroll tbody tr")].map((row) => [row.querySelector(".where").textContent, row.id]));
  const filter = around.querySelector(".lines-filter"), lines = around.querySelector(".lines");
  const rows = stretches.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => held.at.get(first + n)));
  const used = (column) => [...new Set(rows.map((row) => row[column]))].sort((a, b) => a - b);
  const chosen = { nodes: new Set(), daemon: "", level: SEVERITY.length, text: "" };

  for (const node of used(3)) {
    const chip = element("button", `chip lane-${node % 6}`, held.nodes[node] || "no node");
    chip.type = "button";
    chip.setAttribute("aria-pressed", "false");
    chip.addEventListener("click", () => {
      if (!chosen.nodes.delete(node)) chosen.nodes.add(node);
      chip.setAttribute("aria-pressed", chosen.nodes.has(node));
      show();
    });
    filter.append(chip);
  }
  const select = (label, options, act) => {
    const made = element("select");
    made.setAttribute("aria-label", label);
    for (const [text, value] of options) made.append(new Option(text, value));
    made.addEventListener("change", () => { act(made.value); show(); });
    filter.append(made);
  };
  select("Daemon", [["all daemons", ""], ...used(4).filter((each) => held.daemons[each]).map((each) => [held.daemons[each], each])], (value) => { chosen.daemon = value; });
  select("Level", [["all levels", SEVERITY.length], ["notice and worse", 5], ["warnings and worse", 4], ["errors", 3]], (value) => { chosen.level = Number(value); });
  const box = element("input");
  box.type = "search";
  box.placeholder = "text";
  box.setAttribute("aria-label", "Text of lines");
  box.addEventListener("input", () => { chosen.text = box.value.toLowerCase(); show(); });
  const told = element("span", "note");
  told.setAttribute("role", "status");
  filter.append(box, told);

  function show() {
    const severity = (level) => { const at = SEVERITY.indexOf(held.levels[level]); return at < 0 ? 6 : at; };
    const fits = (row) => (!chosen.nodes.size || chosen.nodes.has(row[3])) && (chosen.daemon === "" || row[4] === Number(chosen.daemon))
      && (chosen.level === SEVERITY.length || severity(row[5]) <= chosen.level) && row[8].toLowerCase().includes(chosen.text);
    const made = [];
    let before = null, seen = 0;
    for (const row of rows) {
      if (before !== null && row[0] > before + 1) made.push(element("div", "skipped", `\u2026 ${row[0] - before - 1} lines left out`));
      before = row[0];
      if (!fits(row)) continue;
      seen += 1;
      const where = `${held.files[row[6]]}:${row[7]}`, told = cited.get(where);
      const line = element("div", `lane-${row[3] % 6}` + (told ? " hit" : ""));
      const place = told ? Object.assign(element("a", "", clock(row[1], row[2] ? 1 : 1000)), { href: "#" + told }) : element("span", "place", clock(row[1], row[2] ? 1 : 1000));
      line.title = where;
      const level = held.levels[row[5]];
      line.append(place, element("span", "", held.nodes[row[3]]), element("span", "", held.daemons[row[4]].replace(/^pacemaker-/, "")),
        element("span", severity(row[5]) <= 3 ? "error" : level === "warning" ? "warning" : "", row[8]));
      made.push(line);
    }
    lines.replaceChildren(...made);
    told.textContent = `${seen} of ${rows.length} lines` + (span > rows.length ? `, ${span - rows.length} more left out for want of room` : "");
  }
  show();
  const hit = lines.querySelector(".hit");
  if (hit) lines.scrollTop = hit.offsetTop - lines.offsetTop - 60;
}
for (const around of document.querySelectorAll(".around")) {
  if ("DecompressionStream" in window) around.addEventListener("toggle", () => fillLog(around), { once: true });
  else around.hidden = true;
}

// Figures: plotly is inflated when the first one comes into view, and a figure is drawn when it is looked at.
let plotly = null;
function loadPlotly() {
  plotly ??= (async () => {
    const script = document.createElement("script");
    script.textContent = await inflated("plotly");
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
  await library.react(plot, data, layout, { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
}

if ("DecompressionStream" in window && "IntersectionObserver" in window) {
  const seen = new Set();
  const give = (plot) => draw(plot).catch((error) => {
    console.warn("the figure could not be drawn", error);
    plot.hidden = true; // the table stays
  });
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      seen.add(target);
      give(target);
    }
  }, { rootMargin: "400px" });
  for (const plot of document.querySelectorAll(".plot")) observer.observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => seen.forEach(give));
}
