// Body of the one script a reading executes. Takes nothing out of the page but texts, colours and attributes; judging is Python's.
// It leaves one thing in the page: a watch that notes the running candle five times a second, because the last moments of a
// candle lie between two readings.

const EVERY_MS = 200, AT_LEAST_MS = 5000, FRAMES_MS = 600, KEPT = 400;

const named = (root, name) => root.querySelectorAll(`[data-name="${name}"],[data-qa-id~="${name}"]`);
const stem = (root, word) => root.querySelectorAll(`[class*="${word}"]`);
const text = (element) => (element ? element.textContent.trim() : "");
const shown = (element) => element.getClientRects().length > 0;

const MODAL = '[role="dialog"],[role="alertdialog"],[aria-modal="true"],dialog[open],[class*="dialog"],[class*="modal"],[class*="overlay"],[class*="popup"]';
const DISCONNECTED = /session (was |has been )?disconnected|disconnected from|accessed from another|restore (the )?connection/i;

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

// Newer pages have one description element for each input of a study, perhaps inside one of all.
const innermost = (elements) => elements.filter((one) => !elements.some((other) => other !== one && one.contains(other)));

function rowOf(row) {
  // A row with blockHidden- did not fit the pane and is live all the same; disabled- was switched off by its eye.
  const off = /(^|\s)disabled-|eyeOff|eye-off/.test(row.className) || row.querySelector('[class*="eyeOff"],[class*="eye-off"]') !== null;
  return {
    title: text(named(row, "legend-source-title")[0]),
    description: innermost([...named(row, "legend-source-description")]).map(text).filter(Boolean).join(" "),
    status: row.getAttribute("data-status") || "",
    hidden: off,
    values: [...stem(row, "valueItem-")].map(valueOf),
  };
}

const first = (rows) => (rows.length ? rowOf(rows[0]) : null);

// The volume's own study shows it where the price's row does not.
const volumeRows = (chart) => [...named(chart, "legend-source-item")]
  .filter((row) => /^vol(ume)?$/i.test(text(named(row, "legend-source-title")[0])));

const seriesOf = (chart) => ({
  label: label(chart),
  hovered: topCanvases(chart).some((canvas) => canvas.matches(":hover")),
  series: first(named(chart, "legend-series-item")),
  volume: first(volumeRows(chart)),
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
  const overlay = `${MODAL},[class*="toast"]`;
  if (any(overlay, says(DISCONNECTED))) found.add("disconnected");
  if (any('iframe[src*="captcha"],iframe[src*="challenges."],[class*="captcha"],[id*="captcha"]')) found.add("captcha");
  if (any('input[type="password"]') || any(overlay, says(/\b(sign|log) ?in\b/i))) found.add("login");
  if (any('[class*="cookie"],[id*="cookie"]', says(/cookie/i))) found.add("cookies");
  return [...found];
}

// What lies over a chart, as the beginning of its text; null: nothing does. Known by its role or class, or because the chart's middle is
// not a canvas of the chart's.
function lyingOver() {
  for (const chart of containers()) {
    const page = chart.ownerDocument, box = chart.getBoundingClientRect();
    const at = (it) => page.elementFromPoint((it.left + it.right) / 2, (it.top + it.bottom) / 2);
    const middle = at(box);
    const own = [...chart.querySelectorAll("canvas"), ...named(chart, "legend")];
    const foreign = (element) => !own.some((one) => one.contains(element) || element.contains(one));
    const meets = (it) => it.left < box.right && it.right > box.left && it.top < box.bottom && it.bottom > box.top;
    const covers = (element, it = element.getBoundingClientRect()) => meets(it) && element.contains(at(it));  // empty layers cover nothing
    const modal = [...page.querySelectorAll(MODAL)].find((element) => foreign(element) && covers(element));
    const found = modal || (middle && foreign(middle) ? middle : null);
    if (found) return text(found).replace(/\s+/g, " ").slice(0, 200);
  }
  return null;
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
  const kept = { seen: [], moved: null };  // moved: when a price or volume last changed; null: not since the watch began
  let before = "", at = 0, values = "";
  setInterval(() => {
    const now = performance.now();
    const charts = document.hidden ? [] : containers().map(seriesOf);
    const all = JSON.stringify(charts);
    if (charts.length && !charts.some((chart) => chart.hovered)) {  // the pointer over an old candle moves values that stand still
      const shows = JSON.stringify(charts.map(({ series, volume }) => [series, volume]));
      if (values && shows !== values) kept.moved = now;
      values = shows;
    }
    if (all === before && now - at < AT_LEAST_MS) return;
    before = all;
    at = now;
    kept.seen.push({ at: now, charts });
    if (kept.seen.length > KEPT) kept.seen.shift();
  }, EVERY_MS);
  window.__ribbonWatch = kept;
  return kept;
}

async function read() {
  const kept = watch(), noted = kept.seen.splice(0);
  const canvases = containers().flatMap(topCanvases);
  const over = canvases.some((canvas) => canvas.matches(":hover"));
  const cure = over && !document.hidden ? await leave(canvases) : null;
  const charts = containers().map(chartOf);
  const reading = {
    now: performance.now(),
    still_ms: kept.moved === null ? null : performance.now() - kept.moved,
    hidden: document.hidden,
    blank: !/^https?:$/.test(location.protocol),
    over: lyingOver(),
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
