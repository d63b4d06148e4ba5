// Keeps the page up to date: asks for the parts that are newer than those it has, and puts them in their places. It holds nothing but the
// page itself, so a tab may stay open for days; one that is not looked at asks nothing.
"use strict";
(() => {
  const beat = document.getElementById("beat"), words = document.getElementById("beat-words"), lost = document.getElementById("lost");
  const EVERY = 3000, LONGEST = 20000, PATIENCE = 10000, DAY = 86400;
  let start = beat.dataset.start, version = Number(beat.dataset.version), wait = EVERY, timer = 0, asking = false, since = "";
  let ahead = Date.now() - Date.parse(beat.dataset.at);  // how far this machine's clock is ahead of the server's

  if (location.search) history.replaceState(null, "", location.pathname + location.hash);  // the cookie opens the page from now on

  const ago = (seconds) => {
    for (const [unit, size] of [["h", 3600], ["min", 60]])
      if (seconds >= 2 * size) return `${Math.round(seconds / size)} ${unit} ago`;
    return `${Math.max(0, Math.round(seconds))} s ago`;
  };

  // By the server's clock, which its figures are of; what is older than a day keeps its date.
  const ages = () => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const age = (Date.now() - ahead - Date.parse(time.dateTime)) / 1000;
      time.dataset.clock ??= time.textContent;
      const text = age < DAY ? ago(age) : time.dataset.clock;
      if (time.textContent !== text) time.textContent = text;
    }
  };

  // What a reader has opened, scrolled to or stands on stays so.
  const put = (place, html) => {
    const open = new Set([...place.querySelectorAll("details[open]")].map((each) => each.id));
    const rolled = new Map([...place.querySelectorAll("[id]")].filter((each) => each.scrollTop).map((each) => [each.id, each.scrollTop]));
    const held = place.contains(document.activeElement) ? document.activeElement : null;
    const at = held && (held.id ? `#${CSS.escape(held.id)}` : held.href ? `a[href="${CSS.escape(held.getAttribute("href"))}"]` : null);
    place.innerHTML = html;  // made by the server, where all that comes from data is escaped
    for (const each of place.querySelectorAll("details")) each.open = open.has(each.id);
    for (const [id, top] of rolled) { const each = document.getElementById(id); if (each) each.scrollTop = top; }
    if (at) place.querySelector(at)?.focus({ preventScroll: true });
  };

  const show = (found) => {
    start = found.start; version = found.version;
    ahead = Date.now() - Date.parse(found.at); beat.dataset.stands = found.stands;
    for (const [name, html] of Object.entries(found.parts)) {
      if (name === "title") { document.title = html; continue; }
      const place = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
      if (place) put(place, html);
    }
    document.dispatchEvent(new Event("ribbon-parts"));  // what is drawn of them is drawn anew
    words.textContent = `as of ${found.at.slice(11, 19)} UTC`;
  };

  const tell = (text) => {
    if (lost.textContent !== text) lost.textContent = text;
    lost.hidden = !text;
    beat.classList.toggle("lost", Boolean(text));
  };

  const ask = async () => {
    if (asking) return;
    asking = true;
    const end = new AbortController(), late = setTimeout(() => end.abort(), PATIENCE);
    try {
      const answer = await fetch(`/live.json?start=${start}&version=${version}`, { signal: end.signal, cache: "no-store" });
      if (answer.status === 403) { since = since || new Date().toISOString(); tell("This address is no longer valid: open the one that `ribbon serve` prints."); wait = LONGEST; return; }
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      tell(""); since = ""; wait = EVERY;
    } catch {
      since = since || new Date().toISOString();
      tell(`No answer from ribbon serve since ${since.slice(11, 16)} UTC. What you see is of then; it is tried again by itself.`);
      wait = Math.min(LONGEST, wait * 2);
    } finally {
      clearTimeout(late); asking = false; ages(); next();
    }
  };

  const next = () => { clearTimeout(timer); if (!document.hidden) timer = setTimeout(ask, wait); };
  document.addEventListener("visibilitychange", () => { clearTimeout(timer); if (!document.hidden) ask(); });
  setInterval(() => { if (!document.hidden) ages(); }, 1000);
  ages(); next();
})();
