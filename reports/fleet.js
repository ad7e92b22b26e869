"use strict";
// The page of a store is complete without this file. It counts again under filters, which the address holds:
// #incidents&since=2026-01&cause=slow_fencing

document.documentElement.classList.add("js");

const held = JSON.parse(document.getElementById("fleet")?.textContent ?? "null");
const form = document.querySelector(".filter");
const UNKNOWN = "?";
const LEAST = 0.001, STEP = 1.0004; // of logtrace.fleet.statistics.columns
const NO_CLUSTER = 4294967295;

// The same words as in the page.
function duration(seconds) {
  if (seconds === null) return "–";
  if (seconds < 0.995) return seconds >= 0.005 || seconds === 0 ? seconds.toFixed(2) + " s" : "< 0.01 s";
  if (seconds < 59.95) return seconds.toFixed(1) + " s";
  const whole = Math.round(seconds);
  for (const [size, unit, part, small] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]]) {
    if (whole >= size) return `${Math.floor(whole / size)} ${unit} ${String(Math.floor((whole % size) / part)).padStart(2, "0")} ${small}`;
  }
  return whole + " s";
}
const many = (number) => number.toLocaleString("en-US");
const seconds = (code) => (code === 1 ? 0 : LEAST * STEP ** (code - 1));

// In a frame of a server, which is not let out of it, the window is asked to show a case.
if (parent !== self) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="/"]');
    if (!link) return;
    event.preventDefault();
    parent.postMessage(link.getAttribute("href"), "*");
  });
}

async function columns() {
  const bytes = Uint8Array.from(atob(held.content), (c) => c.charCodeAt(0));
  const packed = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const content = await new Response(packed).arrayBuffer();
  const view = new DataView(content), length = held.length;
  let at = 0;
  const read = (width, make, get) => {
    const made = new make(length);
    for (let row = 0; row < length; row++) made[row] = get(at + row * width);
    at += width * length;
    return made;
  };
  const byte = () => read(1, Uint8Array, (place) => view.getUint8(place));
  const places = [...held.dimensions.map(byte), byte()];
  const recovered = byte();
  const recovery = read(2, Uint16Array, (place) => view.getUint16(place, true));
  const outage = read(2, Uint16Array, (place) => view.getUint16(place, true));
  return { places, recovered, recovery, outage, clusters: read(4, Uint32Array, (place) => view.getUint32(place, true)) };
}

// --- what is chosen

const NAMES = held ? held.dimensions.map((each) => each.name) : [];
const chosen = new Map(); // name of a select -> its value, where it is not all

function fragment() {
  const [first, ...rest] = location.hash.slice(1).split("&");
  const anchored = !first.includes("=");
  return { anchor: anchored ? first : "", told: new URLSearchParams((anchored ? rest : [first, ...rest]).join("&")) };
}

function select(name, title, options) {
  const label = document.createElement("label");
  const box = document.createElement("select");
  label.textContent = title;
  box.name = name;
  for (const [value, text] of [["", "any"], ...options]) box.add(new Option(text, value));
  box.addEventListener("change", () => {
    if (box.value) chosen.set(name, box.value); else chosen.delete(name);
    const told = new URLSearchParams([...chosen]).toString();
    history.replaceState(null, "", told ? "#" + told : location.pathname + location.search);
    show();
  });
  label.append(box);
  return label;
}

async function read() {
  const { anchor, told } = fragment();
  if (told.size || !anchor) {
    chosen.clear();
    for (const box of form.querySelectorAll("select")) {
      const value = told.get(box.name) ?? "";
      box.value = [...box.options].some((each) => each.value === value) ? value : "";
      if (box.value) chosen.set(box.name, box.value);
    }
    await show();
  }
  const target = anchor && document.getElementById(anchor);
  if (target && told.size) target.scrollIntoView();
}

// For each dimension the place that fits, or null for all; for months the first and the last.
function wanted() {
  const places = held.dimensions.map((each) => (chosen.has(each.name) ? each.values.indexOf(chosen.get(each.name)) : null));
  const dated = held.months.map((name) => /^\d/.test(name));
  const since = chosen.get("since") ?? "", until = chosen.get("until") ?? "\uffff";
  const months = held.months.map((name, place) => (!chosen.has("since") && !chosen.has("until")) || (dated[place] && name >= since && name <= until));
  return (row) => months[row[row.length - 1]] !== false && places.every((place, n) => place === null || place === row[n]);
}

// --- counting

let rows = null;
async function show() {
  rows ??= columns();
  const { places, recovered, recovery, outage, clusters } = await rows;
  const fits = wanted();
  const groups = new Map();
  const group = (key) => {
    if (!groups.has(key)) groups.set(key, { incidents: 0, clusters: 0, last: NO_CLUSTER, not_recovered: 0, outage: 0, lengths: [] });
    return groups.get(key);
  };
  const names = [...NAMES, "month"];
  const row = new Array(names.length);
  for (let n = 0; n < held.length; n++) {
    for (let d = 0; d < names.length; d++) row[d] = places[d][n];
    if (!fits(row)) continue;
    for (const key of ["all:0", ...row.map((place, d) => names[d] + ":" + place)]) {
      const told = group(key);
      told.incidents++;
      told.not_recovered += 1 - recovered[n];
      if (outage[n]) told.outage += seconds(outage[n]);
      if (recovery[n]) told.lengths.push(recovery[n]);
      if (clusters[n] !== NO_CLUSTER && clusters[n] !== told.last) { // rows are in the order of clusters
        told.clusters++;
        told.last = clusters[n];
      }
    }
  }
  for (const told of groups.values()) {
    told.lengths = Uint16Array.from(told.lengths).sort();
    const count = told.lengths.length, middle = Math.floor(count / 2);
    told.median = !count ? null : count % 2 ? seconds(told.lengths[middle]) : (seconds(told.lengths[middle - 1]) + seconds(told.lengths[middle])) / 2;
    told.p90 = count ? seconds(told.lengths[Math.round((count - 1) * 0.9)]) : null;
  }
  tell(groups, names);
}

const NOTHING = { incidents: 0, clusters: 0, not_recovered: 0, outage: 0, median: null, p90: null };
const before = new Map(); // element -> what the page said itself

function tell(groups, names) {
  const filtered = chosen.size > 0;
  const widest = {}, [low, high] = held.scale;
  for (const [key, told] of groups) {
    const name = key.split(":")[0];
    widest[name] = Math.max(widest[name] ?? 0, name === "month" ? told.incidents : told.outage);
  }
  const height = (length) => Math.min(Math.max(Math.log(Math.max(length, low) / low) / Math.log(high / low), 0), 1);
  for (const view of document.querySelectorAll("[data-group]")) {
    const key = view.dataset.group, name = key.split(":")[0];
    const told = groups.get(key) ?? NOTHING;
    if (view.matches("tr")) view.hidden = filtered && !told.incidents;
    for (const part of view.querySelectorAll("[data-of]")) {
      if (!before.has(part)) before.set(part, [part.textContent, part.getAttribute("style"), part.hidden, part.title]);
      const [text, style, hidden, title] = before.get(part);
      const what = part.dataset.of;
      if (what === "share") part.style.setProperty("--w", widest[name] ? told.outage / widest[name] : 0);
      else if (what === "tall") part.style.setProperty("--h", widest[name] ? told.incidents / widest[name] : 0);
      else if (what === "reach") {
        part.hidden = told.median === null;
        part.style.setProperty("--low", height(told.median ?? low));
        part.style.setProperty("--high", height(told.p90 ?? low));
      } else if (what === "hover") {
        const length = told.median === null ? "" : `, median ${duration(told.median)}, 9 of 10 within ${duration(told.p90)}`;
        part.title = `${title.split(":")[0]}: ${many(told.incidents)} incident${told.incidents === 1 ? "" : "s"}${length}`;
      } else part.textContent = ["median", "p90", "outage"].includes(what) ? duration(told[what]) : many(told[what]);
      if (!filtered) { // to the letter what it was
        if (["share", "tall", "reach"].includes(what)) part.setAttribute("style", style ?? "");
        else if (what === "hover") part.title = title;
        else part.textContent = text;
        if (what === "reach") part.hidden = hidden;
      }
    }
  }
  const tallest = document.querySelector("[data-tallest]");
  if (tallest) tallest.textContent = many(widest.month ?? 0);
  list((groups.get("all:0") ?? NOTHING).incidents);
  for (const each of document.querySelectorAll(".unfiltered")) each.hidden = !filtered;
  const all = groups.get("all:0") ?? NOTHING;
  form.querySelector("[role=status]").textContent = filtered ? `${many(all.incidents)} of ${many(held.length)} incidents` : "";
  form.querySelector(".clear").hidden = !filtered;
}

function list(counted) {
  const fits = wanted();
  let seen = 0;
  for (const row of document.querySelectorAll("#told tr")) {
    row.hidden = !fits(row.dataset.at.split(",").map(Number));
    if (!row.hidden) seen++;
  }
  document.getElementById("listed").textContent = `${many(seen)} of ${many(counted)} incidents`;
  document.getElementById("query").textContent = query();
}

// The command that lists all that is counted; in SQL a quote is doubled, in the shell it ends and begins a word.
function query() {
  const quoted = (value) => "'" + value.replaceAll("'", "''") + "'";
  const conditions = [...held.where];
  if (chosen.has("since")) conditions.push("month >= " + quoted(chosen.get("since")));
  if (chosen.has("until")) conditions.push("month <= " + quoted(chosen.get("until")));
  for (const { name, column } of held.dimensions) {
    if (!chosen.has(name)) continue;
    const value = chosen.get(name);
    if (value === UNKNOWN) conditions.push(column + " IS NULL");
    else if (name === "size") conditions.push(`${column} = ${Number(value)}`);
    else if (name === "fencing") conditions.push(value === "on" ? column : "NOT " + column);
    else conditions.push(`${column} = ${quoted(value)}`);
  }
  const where = conditions.length ? " WHERE " + conditions.join(" AND ") : "";
  return "logtrace fleet query STORE '" + `SELECT * FROM recoveries${where} ORDER BY outage DESC`.replaceAll("'", "'\"'\"'") + "'";
}

// --- beginning

if (held && form && "DecompressionStream" in window) {
  const TITLES = { cause: "cause", agent: "agent", release: "Pacemaker", size: "nodes", fencing: "fencing" };
  const months = held.months.map((name, place) => [name, held.shownMonths[place]]).filter(([name]) => /^\d/.test(name));
  const choices = form.querySelector(".choices");
  choices.append(select("since", "from", months), select("until", "until", months));
  for (const { name, values, shown } of held.dimensions) {
    choices.append(select(name, TITLES[name], values.map((value, place) => [value, shown[place]])));
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector(".clear").addEventListener("click", () => {
    for (const box of form.querySelectorAll("select")) box.value = "";
    chosen.clear();
    history.replaceState(null, "", location.pathname + location.search);
    show();
  });
  form.hidden = false;
  addEventListener("hashchange", read);
  if (fragment().told.size) read();
}
