// Body of the one script a reading executes. Takes nothing out of the page but texts, colours and attributes; judging is Python's.
// It leaves one thing in the page: a watch that notes the running candle five times a second, because the last moments of a
// candle lie between two readings.

const EVERY_MS = 200, AT_LEAST_MS = 5000, FRAMES_MS = 600, KEPT = 400;

const named = (root, name) => root.querySelectorAll(`[data-name="${name}"],[data-qa-id~="${name}"]`);
const stem = (root, word) => root.querySelectorAll(`[class*="${word}"]`);
const text = (element) => (element ? element.textContent.trim() : "");
const shown = (element) => element.getClientRects().length > 0;

// A page whose charts lie in frames of the same origin is read like one without.
function documents() {
  const found = [document];
  for (const frame of document.querySelectorAll("iframe")) {
    try { if (frame.contentDocument) found.push(frame.contentDocument); } catch { /* another origin */ }
  }
  return found;
}

const containers = () => documents().flatMap((page) => [...page.querySelectorAll(".chart-container")]);

const topCanvases = (chart) => {
  const canvases = [...named(chart, "pane-top-canvas")];
  return canvases.length ? canvases : [...chart.querySelectorAll('canvas[class*="pane-top-canvas"]')];
};

const label = (chart) => topCanvases(chart).map((canvas) => canvas.getAttribute("aria-label") || "").find(Boolean) || "";

function valueOf(item) {
  const value = stem(item, "valueValue-")[0];
  const titled = item.querySelector("[title]");
  const name = item.getAttribute("data-test-id-value-title") || (titled ? titled.getAttribute("title") : "") || "";
  const hidden = /blockHidden-/.test(item.className);
  return { name, text: text(value), colour: value ? value.style.color : "", hidden };
}

function rowOf(row) {
  const off = /blockHidden-|eyeOff|eye-off/.test(row.className) || row.querySelector('[class*="eyeOff"],[class*="eye-off"]') !== null;
  return {
    title: text(named(row, "legend-source-title")[0]),
    description: text(named(row, "legend-source-description")[0]),
    status: row.getAttribute("data-status") || "",
    hidden: off,
    values: [...stem(row, "valueItem-")].map(valueOf),
  };
}

const first = (rows) => (rows.length ? rowOf(rows[0]) : null);

const seriesOf = (chart) => ({
  label: label(chart),
  hovered: topCanvases(chart).some((canvas) => canvas.matches(":hover")),
  series: first(named(chart, "legend-series-item")),
});

const chartOf = (chart) => ({
  ...seriesOf(chart),
  active: chart.classList.contains("active"),
  studies: [...named(chart, "legend-source-item")].map(rowOf),
});

// Each finding is a word of ours: no text of the page is handed on as one.
function walls() {
  const found = new Set();
  const any = (selector, test = () => true) => [...document.querySelectorAll(selector)].some((e) => shown(e) && test(e));
  const says = (pattern) => (element) => pattern.test(element.textContent.slice(0, 2000));
  const overlay = '[role="dialog"],[role="alertdialog"],[class*="dialog"],[class*="overlay"],[class*="toast"],[class*="popup"]';
  if (any(overlay, says(/session (was )?disconnected|disconnected from/i))) found.add("disconnected");
  if (any('iframe[src*="captcha"],iframe[src*="challenges."],[class*="captcha"],[id*="captcha"]')) found.add("captcha");
  if (any('input[type="password"]') || any(overlay, says(/\b(sign|log) ?in\b/i))) found.add("login");
  if (any('[class*="cookie"],[id*="cookie"]', says(/cookie/i))) found.add("cookies");
  return [...found];
}

const frames = (count) => new Promise((resolve) => {
  const late = setTimeout(() => resolve(false), FRAMES_MS);
  const step = (left) => (left ? requestAnimationFrame(() => step(left - 1)) : (clearTimeout(late), resolve(true)));
  step(count);
});

// With the pointer over an old bar the legend shows that bar. Told that the pointer left, the chart shows the last one again; a
// pointer that moves meanwhile undoes that.
async function leave(canvases) {
  let moved = false;
  const note = (event) => { moved = moved || canvases.includes(event.target); };
  const kinds = ["mousemove", "mouseover"];
  kinds.forEach((kind) => document.addEventListener(kind, note, true));
  for (const canvas of canvases) {
    canvas.dispatchEvent(new MouseEvent("mouseleave", { bubbles: false, view: window }));
  }
  const drawn = await frames(2);
  return { drawn, moved: () => moved, done: () => kinds.forEach((kind) => document.removeEventListener(kind, note, true)) };
}

function watch() {
  if (window.__ribbonWatch) return window.__ribbonWatch;
  const seen = [];
  let before = "", at = 0;
  setInterval(() => {
    const now = performance.now();
    const charts = document.hidden ? [] : containers().map(seriesOf);
    const all = JSON.stringify(charts);
    if (all === before && now - at < AT_LEAST_MS) return;
    before = all;
    at = now;
    seen.push({ at: now, charts });
    if (seen.length > KEPT) seen.shift();
  }, EVERY_MS);
  window.__ribbonWatch = seen;
  return seen;
}

async function read() {
  const noted = watch().splice(0);
  const canvases = containers().flatMap(topCanvases);
  const over = canvases.some((canvas) => canvas.matches(":hover"));
  const cure = over && !document.hidden ? await leave(canvases) : null;
  const charts = containers().map(chartOf);
  const reading = {
    now: performance.now(),
    hidden: document.hidden,
    lang: document.documentElement?.lang || "",
    online: navigator.onLine,
    foreign_frames: document.querySelectorAll("iframe").length - (documents().length - 1),
    walls: walls(),
    hovered: over && !(cure && cure.drawn && !cure.moved()),
    charts,
    seen: noted,
  };
  if (cure) cure.done();
  return reading;
}

return read();
