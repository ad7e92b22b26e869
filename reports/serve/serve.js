// Uploads by drop with progress, states that change by themselves, and copying. Without it forms work all the same.
"use strict";

const form = document.querySelector("form.upload");
if (form) {
  const drop = form.querySelector(".drop");
  const input = form.querySelector("input[type=file]");
  const progress = form.querySelector("progress");
  const said = form.querySelector(".said");

  const say = (text, wrong) => {
    said.textContent = text;
    said.classList.toggle("wrong", Boolean(wrong));
  };
  const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0) + " MB";

  const times = () => [...form.querySelectorAll(".times input")].filter((each) => each.value.trim());

  const send = (files, text) => {
    const size = files.reduce((sum, each) => sum + each.size, text.length);
    if (!size) return say("There is nothing in it: choose a file, or paste lines of a log.", true);
    if (size > Number(form.dataset.most)) return say(`These are ${megabytes(size)}, and ${megabytes(Number(form.dataset.most))} may be uploaded. Compress them, or cut the logs to the hours around the incident.`, true);
    if (files.length > Number(form.dataset.files)) return say(`These are ${files.length} files, and ${form.dataset.files} may be uploaded together. Pack them into one archive.`, true);
    const body = new FormData();
    for (const each of files) body.append("file", each, each.name);
    if (text) body.append("text", text);
    for (const each of times()) body.append(each.name, each.value.trim());
    const request = new XMLHttpRequest();
    request.open("POST", "/api/cases");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      progress.value = event.total ? event.loaded / event.total : 0;
      say(event.loaded < event.total ? `${megabytes(event.loaded)} of ${megabytes(event.total)}` : "All of it was sent; the server puts it away.");
    };
    request.onload = () => {
      const told = request.response;
      if (request.status === 202) location.assign("/jobs/" + told.id);
      else ended(told && told.message ? `${told.message}. What to do: ${told.remedy || "try again"}.` : `The server answered ${request.status}.`);
    };
    request.onerror = () => ended("The server did not answer. Nothing was uploaded; try again.");
    const ended = (text) => {
      progress.hidden = true;
      say(text, true);
    };
    progress.hidden = false;
    progress.value = 0;
    say("Uploading");
    request.send(body);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send([...input.files], form.elements.text.value);
  });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    send([...event.dataTransfer.files], "");
  });
}

const job = document.querySelector("[data-job]");
if (job) {
  const look = async () => {
    try {
      const answer = await fetch("/api/jobs/" + job.dataset.job);
      if (answer.status === 401 || answer.status === 404) return location.reload();
      const told = await answer.json();
      if (told.state === "done" || told.state === "failed") return location.reload();
      const title = document.getElementById("job-title");
      if (title && told.state === "running") title.textContent = "It is analysed";
    } catch {
      job.textContent = "The server does not answer. The upload is safe; this page looks again by itself.";
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 500);
}

// What is under way, and the cases that come of it; what somebody is busy with is left alone.
if (document.querySelector("[data-live=jobs][data-busy]")) {
  const look = async () => {
    try {
      const answer = await fetch(location.href);
      if (!answer.ok || answer.redirected) return location.reload();
      const now = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const each of document.querySelectorAll("[data-live]")) {
        const other = now.querySelector(`[data-live=${each.dataset.live}]`);
        if (other && !each.contains(document.activeElement)) each.replaceWith(document.adoptNode(other));
      }
    } catch {
      // it is asked again
    }
    if (document.querySelector("[data-live=jobs][data-busy]")) setTimeout(look, 3000);
  };
  setTimeout(look, 2000);
}

const zones = document.getElementById("zones");
if (zones && Intl.supportedValuesOf) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const name of new Set([own, "UTC", ...Intl.supportedValuesOf("timeZone")])) zones.append(new Option("", name));
}

// The page in the frame may ask for a case, and for nothing else.
addEventListener("message", ({ source, data }) => {
  if (source !== document.querySelector("iframe.page")?.contentWindow) return;
  if (/^\/fleet\/cases\/[0-9a-f]{16}(\.[0-9]+)?(#i[0-9]+)?$/.test(data)) location.assign(data);
});

const frame = document.querySelector("iframe.page");
if (frame) {
  const waiting = document.querySelector(".loading");
  frame.addEventListener("load", () => { if (waiting) waiting.hidden = true; });
  if (frame.classList.contains("case") && /^#i[0-9]+$/.test(location.hash)) frame.src = frame.getAttribute("src") + location.hash;
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = "Copied";
  });
}
